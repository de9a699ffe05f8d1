using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Manage.Admin;

/// <summary>The server as its operator sees it: <c>/api/v1/admin</c>.</summary>
internal static class AdminEndpoints
{
    private const int DefaultPage = 50;
    private const int LargestPage = 200;

    /// <summary>Registers what they need.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<Audience>()
        .AddSingleton<AuditLog>()
        .AddSingleton<IAuditCatalog>(provider => (IAuditCatalog)provider.GetRequiredService<ICatalog>())
        .AddSingleton<IPlaybackCatalog>(provider => (IPlaybackCatalog)provider.GetRequiredService<ICatalog>())
        .AddSingleton<ActivityLog>()
        .AddHostedService(provider => provider.GetRequiredService<ActivityLog>());

    /// <summary>Maps the routes.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/v1/admin").WithTags("admin").RequireOperator();
        admin.MapGet("/", LookAsync).Produces<AdminView>()
            .WithSummary("Storage, memory, and the viewers and throughput of the last hour.");
        admin.MapGet("/checks", CheckAsync).Produces<CheckList>()
            .WithSummary("What `sluice doctor` finds on this machine, with how to mend it.");
        admin.MapGet("/settings", (ReadSettings read) => TypedResults.Json(read(), ManageJson.Default.SettingsView)).Produces<SettingsView>()
            .WithSummary("The settings in force; secrets are not shown.");
        admin.MapGet("/audit", AuditAsync).Produces<AuditPage>()
            .WithSummary("What was done with keys and links, newest first.");
    }

    private static async Task<JsonHttpResult<AdminView>> LookAsync(
        AssetDirectory assets, ICatalog catalog, IObjectStore store, ActivityLog activity, SluiceOptions options, CancellationToken ct)
    {
        using var process = Process.GetCurrentProcess();
        return TypedResults.Json(
            new AdminView(
                typeof(AdminEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
                new DateTimeOffset(process.StartTime.ToUniversalTime()),
                await assets.CountAsync(LibraryQuery.All, ct),
                await catalog.SourceBytesAsync(ct),
                Math.Max(0, store.FreeBytes),
                options.Storage.S3.Bucket is null ? "disk" : "bucket",
                Environment.WorkingSet,
                activity.Samples()),
            ManageJson.Default.AdminView);
    }

    private static async Task<JsonHttpResult<CheckList>> CheckAsync(CheckMachine check, CancellationToken ct) =>
        TypedResults.Json(new CheckList(await check(ct)), ManageJson.Default.CheckList);

    private static async Task<JsonHttpResult<AuditPage>> AuditAsync(
        IAuditCatalog catalog, AssetDirectory assets, long? before, int? limit, CancellationToken ct)
    {
        var count = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        var found = await catalog.ListAuditAsync(before, count, ct);
        var views = new List<AuditView>();
        foreach (var row in found)
        {
            var title = AssetId.TryParse(row.Subject, null, out var id) ? (await assets.FindAsync(id, ct))?.Title : null;
            views.Add(AuditView.Of(row, title));
        }

        return TypedResults.Json(new AuditPage(views, found.Count == count ? found[^1].Number : null), ManageJson.Default.AuditPage);
    }
}
