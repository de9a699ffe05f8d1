using System.Collections.Concurrent;
using Microsoft.Playwright;
using Shouldly;

namespace Sluice.Browser.Tests.Support;

/// <summary>
/// Listens to everything that pages of one context do: an error on the console (a breach of the content security policy is
/// one), an exception, or a request to any host but ours is a fault.
/// </summary>
public sealed class PageGuard
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentBag<string> _hosts = [];
    private readonly ConcurrentBag<string> _expected = [];

    public PageGuard(IBrowserContext context)
    {
        context.Request += (_, request) => Note(new Uri(request.Url));
        context.WebError += (_, error) => _faults.Enqueue($"exception: {error.Error}");
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _faults.Enqueue($"console: {message.Text} {message.Location}");
            }
        };
    }

    /// <summary>Path of every request that was made, oldest first.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>What went wrong and was not expected.</summary>
    public IReadOnlyList<string> Faults => [.. _faults.Where(fault => !_expected.Any(fault.Contains))];

    /// <summary>Requests to this origin are ours.</summary>
    public void Trust(Uri origin) => _hosts.Add(origin.Authority);

    /// <summary>A fault with these words is what the test is about.</summary>
    public void Expect(string words) => _expected.Add(words);

    public void ShouldBeClean()
    {
        Faults.ShouldBeEmpty();
        _requests.ShouldNotBeEmpty("a test without a request looked at nothing");
    }

    private void Note(Uri url)
    {
        if (url.Scheme is "blob" or "data" or "about")
        {
            return;
        }

        _requests.Enqueue(url.AbsolutePath);
        if (!_hosts.Contains(url.Authority))
        {
            _faults.Enqueue($"request to a third party: {url.Authority}");
        }
    }
}
