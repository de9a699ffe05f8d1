using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>The catalogue of attacks on JWTs, each against our reader.</summary>
public sealed class PlaybackTokenTests
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
    private static readonly AssetId Asset = AssetId.New();
    private static readonly PlaybackToken Claims = new(Asset, 3, 1_700_000_000, 1_700_003_600, true);

    private static string GoodPayload =>
        $$"""{"sub":"{{Asset}}","iat":1700000000,"exp":1700003600,"epo":3,"fol":1}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_signed_is_read(bool follows)
    {
        var token = (Claims with { FollowsAsset = follows }).Sign(Key);
        PlaybackToken.TryRead(token, Key, out var read).ShouldBeTrue();
        read.ShouldBe(Claims with { FollowsAsset = follows });
    }

    [Fact]
    public void The_form_is_standard() =>
        Claims.Sign(Key).ShouldBe(Jws(Header, GoodPayload, Key));

    [Theory]
    [InlineData("news")]
    [InlineData("0123456789abcdef")]
    public void A_channel_has_a_claim_of_its_own_whatever_its_name_looks_like(string name)
    {
        var claims = new PlaybackToken(default, 3, 1_700_000_000, 1_700_003_600, FollowsAsset: false) { Channel = name };
        claims.Sign(Key).ShouldBe(Jws(Header, $$"""{"chn":"{{name}}","iat":1700000000,"exp":1700003600,"epo":3}""", Key));
        PlaybackToken.TryRead(claims.Sign(Key), Key, out var read).ShouldBeTrue();
        read.ShouldBe(claims);
        read.Asset.ShouldBe(default);
    }

    [Fact]
    public void A_session_stands_in_the_token_that_ends_with_it()
    {
        var session = AssetId.New();
        var claims = Claims with { FollowsAsset = false, Session = session };
        claims.Sign(Key).ShouldBe(Jws(Header, $$"""{"sub":"{{Asset}}","iat":1700000000,"exp":1700003600,"epo":3,"ses":"{{session}}"}""", Key));
        PlaybackToken.TryRead(claims.Sign(Key), Key, out var read).ShouldBeTrue();
        read.ShouldBe(claims);
        Refused(Jws(Header, $$"""{"chn":"news","iat":1700000000,"exp":1700003600,"epo":3,"ses":"{{session}}"}""", Key));
        Refused(Jws(Header, """{"sub":"0123456789abcdef","iat":1700000000,"exp":1700003600,"epo":3,"ses":7}""", Key));
    }

    [Fact]
    public void A_link_may_be_bound_and_have_a_number_of_views()
    {
        var link = AssetId.New();
        AddressRange.TryParse("203.0.113.0/24", out var range).ShouldBeTrue();
        var claims = Claims with { FollowsAsset = false, BoundTo = range, Views = new ViewLimit(link, 3) };
        claims.Sign(Key).ShouldBe(Jws(
            Header, $$"""{"sub":"{{Asset}}","iat":1700000000,"exp":1700003600,"epo":3,"bnd":"203.0.113.0/24","lnk":"{{link}}","vws":3}""", Key));
        PlaybackToken.TryRead(claims.Sign(Key), Key, out var read).ShouldBeTrue();
        read.ShouldBe(claims);
        foreach (var more in (string[])
        [
            $"\"lnk\":\"{link}\"", "\"vws\":3", $"\"lnk\":\"{link}\",\"vws\":0", $"\"lnk\":\"{link}\",\"vws\":100001", $"\"lnk\":\"{link}\",\"vws\":\"3\"",
            "\"bnd\":\"anywhere\"", "\"bnd\":null", "\"bnd\":\"10.0.0.1\",\"bnd\":\"10.0.0.2\"",
        ])
        {
            Refused(Jws(Header, $$"""{"sub":"{{Asset}}","iat":1700000000,"exp":1700003600,"epo":3,{{more}}}""", Key));
        }

        Refused(Jws(Header, """{"chn":"news","iat":1700000000,"exp":1700003600,"epo":3,"bnd":"10.0.0.1"}""", Key));
        Refused(Jws(Header, $$"""{"chn":"news","iat":1700000000,"exp":1700003600,"epo":3,"lnk":"{{link}}","vws":3}""", Key));
    }

    [Fact]
    public void The_longest_token_is_far_from_the_longest_that_is_read()
    {
        AddressRange.TryParse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", out var range).ShouldBeTrue();
        var claims = new PlaybackToken(Asset, int.MaxValue, 253_402_300_799, 253_402_300_799, FollowsAsset: true)
        {
            Session = AssetId.New(),
            BoundTo = range,
            Views = new ViewLimit(AssetId.New(), PlaybackToken.MostViews),
        };
        claims.Sign(Key).Length.ShouldBeLessThan(PlaybackToken.LongestToken / 4);
    }

    [Fact]
    public void Another_key_does_not_open()
    {
        PlaybackToken.TryRead(Claims.Sign([.. Key.Reverse()]), Key, out _).ShouldBeFalse();
        PlaybackToken.TryRead(Claims.Sign(Key), [], out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"JWT"}""")]
    [InlineData("""{"alg":"None","typ":"JWT"}""")]
    [InlineData("""{"alg":"RS256","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS512","typ":"JWT"}""")]
    [InlineData("""{"alg":"hs256","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT","alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","jku":"https://evil.example/k"}""")]
    [InlineData("""{"alg":"HS256","alg":"none","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","crit":["exp"]}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT"} """)]
    [InlineData("")]
    public void Any_other_header_is_refused_even_when_signed(string header) =>
        Refused(Jws(header, GoodPayload, Key));

    [Fact]
    public void No_signature_is_no_signature()
    {
        var token = Jws(Header, GoodPayload, Key);
        var unsigned = token[..token.LastIndexOf('.')];
        Refused(unsigned);
        Refused(unsigned + ".");
        Refused($"{B64("""{"alg":"none","typ":"JWT"}""")}.{B64(GoodPayload)}.");
    }

    [Fact]
    public void A_jwe_has_five_parts_and_is_none_of_ours()
    {
        Refused($"{B64("""{"alg":"dir","enc":"A256GCM"}""")}..aaaa.bbbb.cccc");
        Refused(Jws(Header, GoodPayload, Key) + ".aaaa.bbbb");
        Refused(Jws(Header, GoodPayload, Key) + ".");
    }

    [Fact]
    public void Whitespace_and_padding_are_refused()
    {
        var token = Jws(Header, GoodPayload, Key);
        Refused(" " + token);
        Refused(token + " ");
        Refused(token + "\n");
        Refused(token + "=");
        Refused(token.Insert(token.IndexOf('.') + 5, " "));
        Refused(token.Replace(".", ".\t", StringComparison.Ordinal));

        // Signed over the very text, so that only the shape can be the reason.
        var padded = $"{B64(Header)}.{B64(GoodPayload)}=";
        Refused($"{padded}.{Mac(padded, Key)}");
    }

    [Fact]
    public void The_other_spellings_of_a_signature_are_refused()
    {
        // The last of 43 characters carries 4 bits; three other characters decode to the same bytes.
        var token = Jws(Header, GoodPayload, Key);
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var last = alphabet.IndexOf(token[^1], StringComparison.Ordinal);
        foreach (var twin in Enumerable.Range(1, 3).Select(bits => token[..^1] + alphabet[(last & ~3) | ((last + bits) & 3)]))
        {
            Refused(twin);
        }

        Refused(token.Replace('-', '+').Replace('_', '/') is var standard && standard != token ? standard : token + "+");
    }

    [Fact]
    public void Every_changed_character_breaks_it()
    {
        var token = Claims.Sign(Key);
        for (var i = 0; i < token.Length; i++)
        {
            Refused(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]);
            Refused(token[..i]);
        }
    }

    [Theory]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0,"exp":9999999999}""", "a claim twice")]
    [InlineData("""{"sub":"ID","sub":"ID","iat":1,"exp":2,"epo":0}""", "sub twice")]
    [InlineData("""{"sub":"ID","iat":1,"exp":"2","epo":0}""", "exp as text")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2.5,"epo":0}""", "exp with a fraction")]
    [InlineData("""{"sub":"ID","iat":1,"exp":1e99,"epo":0}""", "exp with an exponent")]
    [InlineData("""{"sub":"ID","iat":1,"exp":9223372036854775808,"epo":0}""", "exp beyond 64 bits")]
    [InlineData("""{"sub":"ID","iat":1,"exp":9223372036854775807,"epo":0}""", "exp beyond the year 9999")]
    [InlineData("""{"sub":"ID","iat":1,"exp":-1,"epo":0}""", "negative exp")]
    [InlineData("""{"sub":"ID","iat":1,"exp":null,"epo":0}""", "null exp")]
    [InlineData("""{"sub":"ID","iat":1,"exp":[2],"epo":0}""", "exp as a list")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":4294967296}""", "epoch beyond 32 bits")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":true}""", "epoch as a boolean")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0,"fol":2}""", "fol out of range")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0,"aud":"x"}""", "a claim that we do not know")]
    [InlineData("""{"sub":"ID","iat":1,"epo":0}""", "no exp")]
    [InlineData("""{"iat":1,"exp":2,"epo":0}""", "no sub")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2}""", "no epoch")]
    [InlineData("""{"sub":"../../etc","iat":1,"exp":2,"epo":0}""", "sub that is no id")]
    [InlineData("""{"sub":["ID"],"iat":1,"exp":2,"epo":0}""", "sub as a list")]
    [InlineData("""{"sub":"\ud800","iat":1,"exp":2,"epo":0}""", "sub with half a character")]
    [InlineData("""{"chn":"news","sub":"ID","iat":1,"exp":2,"epo":0}""", "a channel and an asset")]
    [InlineData("""{"chn":"news","chn":"news","iat":1,"exp":2,"epo":0}""", "chn twice")]
    [InlineData("""{"chn":"news","iat":1,"exp":2,"epo":0,"fol":1}""", "a channel that is followed")]
    [InlineData("""{"chn":"News","iat":1,"exp":2,"epo":0}""", "chn that is no name")]
    [InlineData("""{"chn":"../news","iat":1,"exp":2,"epo":0}""", "chn that is a path")]
    [InlineData("""{"chn":"","iat":1,"exp":2,"epo":0}""", "empty chn")]
    [InlineData("""{"chn":["news"],"iat":1,"exp":2,"epo":0}""", "chn as a list")]
    [InlineData("""{"chn":null,"iat":1,"exp":2,"epo":0}""", "null chn")]
    [InlineData("""{"chn":"a234567890123456789012345678901234567890123456789012345678901234x","iat":1,"exp":2,"epo":0}""", "chn that is too long")]
    [InlineData("""[{"sub":"ID","iat":1,"exp":2,"epo":0}]""", "a list")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0}{}""", "something after the object")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0""", "cut off")]
    [InlineData("""{"sub":"ID","iat":1,"exp":2,"epo":0,}""", "a trailing comma")]
    [InlineData("\"text\"", "a string")]
    [InlineData("", "nothing")]
    public void A_signed_payload_of_another_shape_is_refused(string payload, string why)
    {
        var token = Jws(Header, payload.Replace("ID", Asset.Value, StringComparison.Ordinal), Key);
        PlaybackToken.TryRead(token, Key, out _).ShouldBeFalse(why);
    }

    [Fact]
    public void Length_is_bounded_before_anything_is_computed()
    {
        var spaces = new string(' ', PlaybackToken.LongestToken);
        Refused(Jws(Header, GoodPayload + spaces, Key));
        Refused(new string('a', 10_000_000));
        Refused(B64(Header) + "." + new string('a', 10_000_000));
    }

    [Fact]
    public void Random_text_never_throws()
    {
        var random = new Random(1);
        var good = Claims.Sign(Key);
        for (var i = 0; i < 2000; i++)
        {
            var noise = new string([.. Enumerable.Range(0, random.Next(300)).Select(_ => (char)random.Next(0x2100))]);
            Refused(noise);
            Refused(good[..(B64(Header).Length + 1)] + noise);
        }
    }

    private static void Refused(string token) => PlaybackToken.TryRead(token, Key, out _).ShouldBeFalse(token.Length < 400 ? token : "long");

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Mac(string signed, byte[] key) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));

    private static string Jws(string header, string payload, byte[] key)
    {
        var signed = $"{B64(header)}.{B64(payload)}";
        return $"{signed}.{Mac(signed, key)}";
    }
}
