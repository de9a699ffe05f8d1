namespace Sluice.Server.Catalog;

/// <summary>Says of a text that it is one of the words of <see cref="StateNames"/>: the description of the API lists them.</summary>
/// <param name="kind">The enumeration whose words they are.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordsAttribute(Type kind) : Attribute
{
    /// <summary>The enumeration.</summary>
    public Type Kind => kind;
}
