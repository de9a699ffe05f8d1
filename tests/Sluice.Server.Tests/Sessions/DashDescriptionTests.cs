using System.Text;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Live;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>What ffmpeg is given of a DASH presentation.</summary>
public sealed class DashDescriptionTests
{
    [Fact]
    public async Task Addresses_that_lead_to_tls_are_told_without()
    {
        var told = await ToldAsync("""
            <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:x="https://names.example/"><Location> https://a.example/film.mpd</Location><BaseURL>https://a.example:8443/v/</BaseURL>
            <Period><BaseURL>b/</BaseURL><SegmentTemplate media="https://b.example/$Number$.m4s?a=1&amp;b" initialization="&#104;ttps://b.example/i.mp4"/>
            <SegmentList><Initialization sourceURL="https://c.example/i.mp4"/><SegmentURL media="http://c.example/1.m4s"/></SegmentList></Period></MPD>
            """);

        told.ShouldContain("<Location>http://a.example:443/film.mpd</Location><BaseURL>http://a.example:8443/v/</BaseURL>");
        told.ShouldContain("<BaseURL>b/</BaseURL>");
        told.ShouldContain("media=\"http://b.example:443/$Number$.m4s?a=1&amp;b\" initialization=\"http://b.example:443/i.mp4\"");
        told.ShouldContain("sourceURL=\"http://c.example:443/i.mp4\"");
        told.ShouldContain("media=\"http://c.example/1.m4s\"");
        told.ShouldContain("xmlns:x=\"https://names.example/\"");
    }

    [Theory]
    [InlineData("<MPD><Period/></MPD>", "<BaseURL>{0}far/</BaseURL>")]
    [InlineData("<MPD><BaseURL>v/</BaseURL></MPD>", "<BaseURL>{0}far/v/</BaseURL>")]
    [InlineData("<MPD><BaseURL>https://a.example/</BaseURL></MPD>", "<BaseURL>http://a.example:443/</BaseURL>")]
    public async Task Of_a_redirect_it_says_where_it_is(string text, string words)
    {
        await using var upstream = await Upstream.StartAsync();
        upstream.Files["far/film.mpd"] = Encoding.UTF8.GetBytes(text);
        upstream.Faults["film.mpd"] = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (302, "/far/film.mpd");
            return Task.FromResult(true);
        };

        var told = await Description(upstream).ReadAsync(default);

        Encoding.UTF8.GetString(told.ShouldNotBeNull()).ShouldContain(words.Replace("{0}", upstream.Url("").Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<!DOCTYPE MPD [<!ENTITY a 'b'>]><MPD>&a;</MPD>", 0, "it is no XML, or has a document type")]
    [InlineData("<MPD>", 0, "it is no XML, or has a document type")]
    [InlineData("", 0, "it is no XML, or has a document type")]
    [InlineData("<MPD/>", 5 << 20, "larger than this server allows")]
    [InlineData(null, 0, "status 404")]
    public async Task What_cannot_be_read_has_a_reason_until_it_can(string? text, int blanks, string words)
    {
        await using var upstream = await Upstream.StartAsync();
        if (text is not null)
        {
            upstream.Files["film.mpd"] = Encoding.UTF8.GetBytes(text + new string(' ', blanks));
        }

        var description = Description(upstream);

        (await description.ReadAsync(default)).ShouldBeNull();
        description.Problem.ShouldNotBeNull().ShouldContain(words);
        upstream.Files["film.mpd"] = "<MPD/>"u8.ToArray();
        (await description.ReadAsync(default)).ShouldNotBeNull();
        description.Problem.ShouldBeNull();
    }

    private static async Task<string> ToldAsync(string text)
    {
        await using var upstream = await Upstream.StartAsync();
        upstream.Files["film.mpd"] = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetString((await Description(upstream).ReadAsync(default)).ShouldNotBeNull());
    }

    private static DashDescription Description(Upstream upstream) => new(upstream.Outbound, new UpstreamManner(), upstream.Url("film.mpd"));
}
