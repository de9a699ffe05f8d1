using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Sluice.Server.Tests.Support;

/// <summary>Reads answers of the server.</summary>
internal static class Answers
{
    public static Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        response.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary>The answer is this row of the error table, as problem+json, with nothing of ours leaking.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", text);
        var body = JsonDocument.Parse(text).RootElement;
        body.GetProperty("code").GetString().ShouldBe(code);
        body.GetProperty("status").GetInt32().ShouldBe(status);
        foreach (var member in (string[])["type", "title", "detail", "hint"])
        {
            body.GetProperty(member).GetString().ShouldNotBeNullOrEmpty();
        }

        text.ShouldNotContain("   at ");
        text.ShouldNotContain("/tmp/");
        return body;
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
