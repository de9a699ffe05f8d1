using System.Globalization;

namespace Sluice.Browser.Tests.Support;

/// <summary>
/// A drawn landscape as a source of ffmpeg's: a sky with a sun, and hills behind each other, which the camera goes along. It stands for footage in pictures
/// for people: made by anybody from nothing, and nobody else's.
/// </summary>
/// <param name="Top">Colour of the sky, 0xRRGGBB.</param>
/// <param name="Low">Colour of the sky where it meets the land.</param>
/// <param name="Sun">Colour of the sun and its glow.</param>
/// <param name="SunX">Where the sun is, as a part of the width.</param>
/// <param name="SunY">As a part of the height, from above.</param>
/// <param name="Hills">Their colours, the farthest first.</param>
/// <param name="Rough">How high the hills are, as a part of the height.</param>
internal sealed record Landscape(int Top, int Low, int Sun, double SunX, double SunY, int[] Hills, double Rough = 0.06)
{
    /// <summary>The input of a recipe, without spaces.</summary>
    /// <param name="width">Of the picture, pixels; the land is a quarter wider.</param>
    /// <param name="seconds">How long it lasts, at 24 pictures a second.</param>
    public string Source(int width, int seconds)
    {
        var (height, pictures) = (width * 9 / 16, seconds * 24);
        var step = Text(width / 4.0 / pictures);
        return $"color=s={width * 5 / 4}x{height}:r=24:d=0.04,format=gbrp,geq=r='{Channel(16)}':g='{Channel(8)}':b='{Channel(0)}',"
            + $"loop=loop={pictures - 1}:size=1,setpts=N/24/TB,crop={width}:{height}:x='n*{step}':y=0";
    }

    private string Channel(int shift)
    {
        const string distance = "hypot((X-W*{0})/H,Y/H-{1})";
        var away = string.Format(CultureInfo.InvariantCulture, distance, Text(SunX), Text(SunY));
        var sky = $"({Part(Top, shift)}+({Part(Low, shift)}-{Part(Top, shift)})*min(1,1.5*Y/H))";
        var glow = $"(0.55*exp(-9*{away}*{away}))";
        var lit = $"({sky}*(1-{glow})+{Part(Sun, shift)}*{glow})";
        var disc = $"clip((0.075-{away})*H,0,1)";
        var picture = $"({lit}*(1-{disc})+min(255,{Part(Sun, shift)}+24)*{disc})";
        for (var hill = 0; hill < Hills.Length; hill++)
        {
            var depth = (double)hill / Hills.Length;
            var edge = $"clip(Y-H*({Text(0.5 + (0.42 * depth))}-{Text(Rough)}*(sin(X/H*{Text(2.1 + hill)}+{hill * 2})+0.4*sin(X/H*{Text(5.3 + (2 * hill))}+{hill})"
                + $"+0.12*sin(X/H*{Text(17 + (3 * hill))}))),0,1)";
            // Mist lies between them: lower, a hill is a little lighter.
            picture = $"({picture}*(1-{edge})+({Part(Hills[hill], shift)}+{Text(30 * (1 - depth))}*Y/H)*{edge})";
        }

        return $"clip({picture},0,255)";
    }

    private static int Part(int colour, int shift) => (colour >> shift) & 0xff;

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
