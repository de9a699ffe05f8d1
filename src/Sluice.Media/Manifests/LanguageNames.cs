namespace Sluice.Media.Manifests;

/// <summary>English names of the languages that films are dubbed into, since the runtime may lack ICU's tables.</summary>
internal static class LanguageNames
{
    /// <summary>The name of a BCP 47 tag's language with its region, e.g. <c>Portuguese (BR)</c>; null if not known.
    /// ISO 639-1 and both forms of ISO 639-2 are taken.</summary>
    public static string? English(string tag)
    {
        var subtags = tag.Split('-');
        var name = OfPrimary(subtags[0].ToLowerInvariant());
        var region = subtags.Skip(1).FirstOrDefault(static s => s.Length == 2);
        return name is null || region is null ? name : $"{name} ({region.ToUpperInvariant()})";
    }

    private static string? OfPrimary(string code) => code switch
    {
        "ar" or "ara" => "Arabic",
        "bg" or "bul" => "Bulgarian",
        "bn" or "ben" => "Bengali",
        "ca" or "cat" => "Catalan",
        "cs" or "ces" or "cze" => "Czech",
        "da" or "dan" => "Danish",
        "de" or "deu" or "ger" => "German",
        "el" or "ell" or "gre" => "Greek",
        "en" or "eng" => "English",
        "es" or "spa" => "Spanish",
        "et" or "est" => "Estonian",
        "fa" or "fas" or "per" => "Persian",
        "fi" or "fin" => "Finnish",
        "fr" or "fra" or "fre" => "French",
        "he" or "heb" => "Hebrew",
        "hi" or "hin" => "Hindi",
        "hr" or "hrv" => "Croatian",
        "hu" or "hun" => "Hungarian",
        "id" or "ind" => "Indonesian",
        "is" or "isl" or "ice" => "Icelandic",
        "it" or "ita" => "Italian",
        "ja" or "jpn" => "Japanese",
        "ko" or "kor" => "Korean",
        "lt" or "lit" => "Lithuanian",
        "lv" or "lav" => "Latvian",
        "ms" or "msa" or "may" => "Malay",
        "nb" or "nob" => "Norwegian Bokmål",
        "nl" or "nld" or "dut" => "Dutch",
        "no" or "nor" => "Norwegian",
        "pl" or "pol" => "Polish",
        "pt" or "por" => "Portuguese",
        "ro" or "ron" or "rum" => "Romanian",
        "ru" or "rus" => "Russian",
        "sk" or "slk" or "slo" => "Slovak",
        "sl" or "slv" => "Slovenian",
        "sr" or "srp" => "Serbian",
        "sv" or "swe" => "Swedish",
        "ta" or "tam" => "Tamil",
        "te" or "tel" => "Telugu",
        "th" or "tha" => "Thai",
        "tr" or "tur" => "Turkish",
        "uk" or "ukr" => "Ukrainian",
        "ur" or "urd" => "Urdu",
        "vi" or "vie" => "Vietnamese",
        "yue" => "Cantonese",
        "zh" or "zho" or "chi" => "Chinese",
        _ => null,
    };
}
