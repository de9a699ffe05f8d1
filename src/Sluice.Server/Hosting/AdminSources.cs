using System.Collections;
using System.Globalization;
using System.Reflection;
using Sluice.Server.Cli;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Manage.Admin;

namespace Sluice.Server.Hosting;

/// <summary>What the admin page is told by those who put the server together: what doctor finds, and the settings in force.</summary>
internal static class AdminSources
{
    private const string Hidden = "••••••••";

    /// <summary>Registers them.</summary>
    public static IServiceCollection AddAdminSources(this IServiceCollection services, LoadedConfiguration loaded) => services
        .AddSingleton<CheckMachine>(_ => async ct =>
            [.. (await Checkup.RunAsync(loaded, ct)).Select(f => new CheckView(f.Severity.ToString().ToLowerInvariant(), f.Subject, f.Detail, f.Fix))])
        .AddSingleton<ReadSettings>(_ => () => SettingsOf(loaded));

    /// <summary>Every key with its value, but for what is secret.</summary>
    public static SettingsView SettingsOf(LoadedConfiguration loaded)
    {
        var usual = new SluiceOptions();
        return new SettingsView(loaded.Source?.Name, [.. ConfigurationKeys.All.Select(key =>
        {
            var (value, plain) = (TextOf(loaded.Options, key.Path), TextOf(usual, key.Path));
            return new SettingView(key.Path, value is null ? null : key.IsSecret ? Hidden : WithoutPassword(value), value == plain, key.Allowed);
        })]);
    }

    /// <summary>Keys are named as the properties that hold them; a test holds that.</summary>
    private static string? TextOf(object options, string path)
    {
        object? value = options;
        foreach (var name in path.Split('.'))
        {
            value = value?.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.GetValue(value);
        }

        return value switch
        {
            null => null,
            string text => text,
            bool flag => flag ? "true" : "false",
            IDictionary map => string.Join(", ", map.Keys.Cast<object>().Select(name => $"{name}={WithoutPassword(map[name]?.ToString() ?? "")}").Order(StringComparer.Ordinal)),
            IEnumerable list => string.Join(", ", list.Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture))),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>An address may have somebody's name and password in it.</summary>
    private static string WithoutPassword(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.UserInfo.Length > 0 ? value.Replace(url.UserInfo + "@", "", StringComparison.Ordinal) : value;
}
