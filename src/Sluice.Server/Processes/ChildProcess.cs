using System.Diagnostics;
using System.Globalization;
namespace Sluice.Server.Processes;

internal sealed record ChildLimits
{
    public long MemoryBytes { get; init; } = 4L << 30;
    public TimeSpan WallTime { get; init; } = TimeSpan.FromHours(1);
    public TimeSpan SilenceTime { get; init; } = TimeSpan.FromMinutes(1);
    public int Nice { get; init; }
}

internal sealed record ChildExit(int ExitCode)
{
    public string? Describe(string program) => ExitCode == 0 ? null : $"{program} ended with code {ExitCode}";
}

internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _p;
    private readonly Task<string> _err;
    private ChildProcess(Process p) { _p = p; _err = p.StandardError.ReadToEndAsync(); }
    public Stream StandardOutput => _p.StandardOutput.BaseStream;
    public string ErrorTail => _err.IsCompleted ? _err.Result : "";
#pragma warning disable RS0030
    public static ChildProcess Start(string program, IReadOnlyList<string> arguments, ChildLimits limits)
    {
        var info = new ProcessStartInfo("setsid") { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var a in (string[])["nice", "-n", limits.Nice.ToString(CultureInfo.InvariantCulture), program, .. arguments]) info.ArgumentList.Add(a);
        var p = Process.Start(info)!;
        p.StandardInput.Close();
        return new ChildProcess(p);
    }
#pragma warning restore RS0030
    public async Task<ChildExit> WaitAsync(CancellationToken ct) { await _p.WaitForExitAsync(ct); await _err; return new ChildExit(_p.ExitCode); }
    public async ValueTask DisposeAsync()
    {
        if (!_p.HasExited) { _p.Kill(true); await _p.WaitForExitAsync(); }
        _p.Dispose();
    }
}

internal sealed class Ffmpeg
{
    public IReadOnlyList<string> InputGuard => ["-protocol_whitelist", "file,pipe"];
    public ChildProcess Start(IReadOnlyList<string> arguments, ChildLimits limits) =>
        ChildProcess.Start("ffmpeg", ["-nostdin", "-hide_banner", "-v", "warning", .. arguments], limits);
}
