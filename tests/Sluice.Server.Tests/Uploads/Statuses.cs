using Shouldly;

namespace Sluice.Server.Tests.Uploads;

/// <summary>For answers whose status alone counts.</summary>
internal static class Statuses
{
    public static async Task ShouldBeAsync(HttpResponseMessage answer, int status) =>
        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
}
