using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>Makes the description of the API from the routes, and holds the one that is served against it.</summary>
public sealed class ApiDescriptionTests
{
    /// <summary>Set by <c>./dev api</c>: the file is written instead of compared.</summary>
    private const string Renew = "SLUICE_RENEW_API";

    private const string About =
        "Errors are application/problem+json with a stable `code`. The operator key goes into `Authorization: Bearer`, " +
        "a title's admin key into `X-Admin-Key`, a playback token into `?token=`.";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_description_that_is_served_is_that_of_the_routes()
    {
        await using var server = await SluiceServer.StartAsync(
            configure: builder => builder.Services.AddOpenApi("v1", options => options.AddSchemaTransformer(Exactly).AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Sluice";
                document.Info.Description = About;
                document.Servers = [];
                return Task.CompletedTask;
            })),
            map: app => app.MapOpenApi("/made/{documentName}.json").AllowAnyone("a test"));
        var made = JsonNode.Parse(await server.Http.GetStringAsync("/made/v1.json"))!.ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable(Renew) is not null)
        {
            await File.WriteAllTextAsync(RepositoryRoot.File("src/Sluice.Server/Hosting/openapi.json"), made, TestContext.Current.CancellationToken);
            return;
        }

        (await server.Http.GetStringAsync("/openapi/v1.json")).ShouldBe(made, "routes changed: run ./dev api and commit what it writes");
    }

    /// <summary>Numbers are numbers and never texts, and where a text is one of some words, these are named.</summary>
    private static Task Exactly(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (schema.Type is { } type && (type.HasFlag(JsonSchemaType.Integer) || type.HasFlag(JsonSchemaType.Number)))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        var attributes = context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: false) ?? [];
        var words = attributes.OfType<AllowedValuesAttribute>().SelectMany(a => a.Values).OfType<string>()
            .Concat(attributes.OfType<WordsAttribute>().SelectMany(WordsOf)).ToList();
        if (words.Count > 0)
        {
            schema.Enum = [.. words.Select(word => (JsonNode)word)];
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<string> WordsOf(WordsAttribute attribute)
    {
        var name = typeof(StateNames).GetMethod(nameof(StateNames.Name), [attribute.Kind])!;
        return Enum.GetValues(attribute.Kind).Cast<object>().Select(value => (string)name.Invoke(null, [value])!);
    }
}
