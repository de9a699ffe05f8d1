namespace Sluice.Server.Tests.AnyFiles;

/// <summary>All kinds of files, each small and short.</summary>
internal static class Samples
{
    private const string H264 = "-c:v libx264 -preset ultrafast -bf 2 -g 50 -pix_fmt yuv420p";
    private const string Aac = "-c:a aac -b:a 64k";
    private const string Hevc10 = "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=none";
    private const string Hdr = Hevc10 + ":colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc";
    private const string Mpeg4 = "-c:v mpeg4 -q:v 5";
    private const string Cover = "-f lavfi -i testsrc2=s=64x64:r=1:d=1";

    /// <summary>Frames of a picture that begins more than a frame after the sound, or in the second slot of an AVI: the first
    /// one is shown from the start.</summary>
    private const int Late = 201;

    /// <summary>The samples.</summary>
    public static IReadOnlyList<Sample> All { get; } =
    [
        // Sound alone.
        Sound("song.mp3", "{A} -c:a libmp3lame"),
        Sound("song.flac", "{A} -c:a flac") with { Audio = ["copy"] },
        Sound("song.wav", "{A} -c:a pcm_s16le"),
        Sound("vorbis.ogg", "{A} -c:a libvorbis"),
        Sound("opus.ogg", "{A} -c:a libopus") with { Audio = ["copy"] },
        Sound("cover.m4a", $"{{A}} {Cover} -map 0 -map 1 -c:v mjpeg -pix_fmt yuvj420p -disposition:v:0 attached_pic {Aac}") with { Audio = ["copy"] },
        Sound("cover.mp3", $"{{A}} {Cover} -map 0 -map 1 -c:v mjpeg -pix_fmt yuvj420p -disposition:v:0 attached_pic -c:a libmp3lame"),
        Sound("alac.m4a", "{A} -c:a alac"),

        // Containers and codecs.
        new("mpeg4.avi", $"{{V}} {{A}} {Mpeg4} -c:a libmp3lame") { Frames = Late },
        new("bframes.avi", $"{{V}} {{A}} {Mpeg4} -bf 2 -c:a libmp3lame"),
        Kept("good.mkv", $"{{V}} {{A}} {H264} {Aac}"),
        new("ac3.mkv", $"{{V}} {{A}} {H264} -c:a ac3") { Video = "copy" },
        new("hevc.mkv", $"{{V}} {{A}} -map 0 -map 1 -map 1 {Hevc10} -c:a ac3 -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger")
        {
            Audio = ["encode", "encode"], Languages = ["en", "de"],
        },
        new("prores.mov", "{V} {A} -c:v prores_ks -profile:v 1 -c:a pcm_s16le"),
        new("vp8.webm", "{V} {A} -c:v libvpx -deadline realtime -cpu-used 8 -b:v 800k -c:a libvorbis"),
        Kept("vp9.webm", "{V} {A} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -c:a libopus"),
        Kept("h264.flv", $"{{V}} {{A}} {H264} {Aac}"),
        new("flv1.flv", "{V} {A} -c:v flv1 -q:v 5 -c:a libmp3lame -ar 44100"),
        Kept("h264.ts", $"{{V}} {{A}} {H264} {Aac}"),
        new("mpeg2.ts", "{V} {A} -c:v mpeg2video -q:v 5 -c:a mp2"),
        new("mpeg2.mpg", "{V} {A} -c:v mpeg2video -q:v 5 -c:a mp2"),
        new("phone.3gp", $"{{V}} {{A}} -vf scale=176:144,setsar=1 -c:v h263 -q:v 5 {Aac} -ac 1") { Audio = ["copy"], Resolution = "176x144" },
        new("wmv2.wmv", "{V} {A} -c:v wmv2 -q:v 5 -c:a wmav2") { Frames = Late },
        new("chroma422.mp4", $"{{V}} {{A}} {H264.Replace("420p", "422p", StringComparison.Ordinal)} {Aac}") { Audio = ["copy"] },
        new("ac3.mp4", $"{{V}} {{A}} {H264} -c:a ac3") { Video = "copy" },

        // Pictures that are not plain.
        new("interlaced.mpg", "{V50} {A} -vf tinterlace=interleave_top,setfield=tff -c:v mpeg2video -q:v 5 -flags +ildct+ilme -c:a mp2") { FlashSlack = 0.045 },
        new("rotated.mp4", $"{{V}} {{A}} {Mpeg4} {Aac}")
        {
            Then = "-c copy -metadata:s:v:0 rotate=90", Audio = ["copy"], Resolution = "102x180",
        },
        new("anamorphic.mkv", $"{{V}} {{A}} -vf scale=240:180,setsar=4/3 {Mpeg4} -c:a libmp3lame"),
        new("hdr.mp4", $"{{V}} {{A}} {Hdr} -tag:v hvc1 {Aac}") { Video = "copy", Audio = ["copy"] },
        new("hdr.mkv", $"{{V}} {{A}} {Hdr} -c:a ac3"),
        new("odd.avi", $"{{V}} {{A}} -vf scale=321:241,setsar=1 {Mpeg4} -c:a libmp3lame") { Frames = Late, Resolution = "240x180" },
        new("small-odd.avi", $"{{V}} {{A}} -vf scale=161:121,setsar=1 {Mpeg4} -c:a libmp3lame") { Frames = Late, Resolution = "162x122" },
        new("film.mkv", $"{{V24}} {{A}} {Mpeg4} {Aac}") { Frames = 192 },
        new("variable.mkv", $"{{V}} {{A}} -vf select=lt(mod(n\\,50)\\,20)+not(mod(n\\,3)) -fps_mode vfr {Mpeg4} -c:a libmp3lame") { Frames = null, FlashSlack = 0.045 },

        // Lengths that do not agree.
        new("silent.avi", $"{{V}} {Mpeg4}") { Audio = [] },
        new("short-sound.mkv", $"{{V}} {{A}} -af atrim=end=5 {Mpeg4} -c:a libmp3lame"),
        new("long-sound.mkv", $"{{V}} {{A}} -vf trim=end=5 {Mpeg4} -c:a libmp3lame") { Frames = 125 },
        new("late-sound.mkv", $"{{V}} -itsoffset 1.5 {{A}} {Mpeg4} -c:a libmp3lame"),
        new("late-sound.ts", "{V} -itsoffset 1.5 {A} -c:v mpeg2video -q:v 5 -c:a mp2"),
        new("late-sound.mp4", $"{{V}} -itsoffset 1.5 {{A}} {H264} -c:a ac3") { Video = "copy" },
        new("late-picture.mkv", $"-itsoffset 1.5 {{V}} {{A}} {Mpeg4} -c:a libmp3lame") { Frames = 238 },
        new("cut-off.mkv", $"{{V}} {{A}} {Mpeg4} -c:a libmp3lame") { Part = 0.7, Frames = null },
        new("endless.mkv", $"{{V}} {{A}} {Mpeg4} -c:a libmp3lame -live 1"),
    ];

    /// <summary>The sample of that file name.</summary>
    public static Sample Of(string fileName) => All.First(s => s.FileName == fileName);

    private static Sample Sound(string fileName, string recipe) => new(fileName, recipe) { Video = null, Frames = 0 };

    private static Sample Kept(string fileName, string recipe) => new(fileName, recipe) { Video = "copy", Audio = ["copy"] };
}
