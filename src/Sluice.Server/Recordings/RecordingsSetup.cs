namespace Sluice.Server.Recordings;

/// <summary>Registers recordings.</summary>
internal static class RecordingsSetup
{
    /// <summary>Adds them. After the channels: what is registered last is stopped first.</summary>
    public static void AddRecordings(this IServiceCollection services)
    {
        services.AddSingleton<RecordingWriter>();
        services.AddSingleton<RecordingKeeper>();
        services.AddSingleton<RecordingDesk>();
        services.AddHostedService<RecordingService>();
    }
}
