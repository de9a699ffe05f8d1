namespace Sluice.Media.Binary;

/// <summary>
/// A list that is filled and cleared again and again. <see cref="List{T}"/> of a type of this library belongs to the runtime, so
/// that nothing of it is compiled ahead of time: the first title of a new process went through it at a third of the speed.
/// </summary>
internal sealed class ReusableList<T>
    where T : struct
{
    private T[] _items = new T[256];

    /// <summary>Items since the last <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The items; valid until the next change.</summary>
    public ReadOnlySpan<T> Span => new(_items, 0, Count);

    /// <summary>The items, to be changed in place; valid until the next change of their number.</summary>
    public Span<T> Items => new(_items, 0, Count);

    /// <summary>The last item, which may be replaced; there must be one.</summary>
    public ref T Last => ref _items[Count - 1];

    /// <summary>Appends one item.</summary>
    public void Add(in T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, _items.Length * 2);
        }

        _items[Count++] = item;
    }

    /// <summary>Forgets the items and keeps the room.</summary>
    public void Clear() => Count = 0;
}
