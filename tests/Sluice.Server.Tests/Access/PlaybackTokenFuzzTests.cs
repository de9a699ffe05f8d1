using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Tokens damaged at random: none is believed, none throws.</summary>
public sealed class PlaybackTokenFuzzTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= +/%\0é{}\"";

    [Fact]
    public void No_damaged_token_is_believed()
    {
        var random = new Random(7515);
        var key = RandomNumberGenerator.GetBytes(32);
        var token = new PlaybackToken(AssetId.New(), 3, 1_700_000_000, 1_800_000_000, FollowsAsset: true).Sign(key);
        PlaybackToken.TryRead(token, key, out _).ShouldBeTrue();
        for (var i = 0; i < 50_000; i++)
        {
            var damaged = Damage(token, random);
            if (damaged != token)
            {
                PlaybackToken.TryRead(damaged, key, out _).ShouldBeFalse(damaged);
            }
        }
    }

    private static string Damage(string token, Random random)
    {
        var text = token.ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 1:
                    text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 2 when text.Count > 1:
                    text.RemoveAt(at);
                    break;
                default:
                    text = [.. text.Take(at), .. text.Skip(random.Next(text.Count))];
                    text = text.Count == 0 ? ['.'] : text;
                    break;
            }
        }

        return new string([.. text]);
    }
}
