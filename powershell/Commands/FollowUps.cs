using System;
using System.Collections.Generic;
using System.Linq;

namespace Azs.Registration.Commands;

/// <summary>
/// What an item calls for beyond writing, such as a question, in the order of the input: a person is asked about row 3 before
/// row 7, though row 7 was looked up first.
/// </summary>
/// <remarks>
/// A follow-up waits for earlier items alone, and only for those that may call for one too. Nothing waits for it: later items
/// are submitted and end meanwhile.
/// </remarks>
internal sealed class FollowUps
{
    private readonly SortedDictionary<ulong, Action> waiting = new();
    private readonly SortedSet<ulong> undecided = new();

    public bool Any => waiting.Count > 0;

    /// <summary>An item that may call for a follow-up.</summary>
    public void Expect(ulong place) => undecided.Add(place);

    /// <summary>The item has ended: its follow-up was added, or there is none.</summary>
    public void Decided(ulong place) => undecided.Remove(place);

    /// <summary>Puts off what must not happen inside of a pull, or before its turn.</summary>
    public void Add(ulong place, Action followUp) => waiting.Add(place, followUp);

    /// <summary>Takes the next one whose turn it is.</summary>
    public bool TryTake(out Action? followUp)
    {
        followUp = null;
        if (waiting.Count == 0)
        {
            return false;
        }

        KeyValuePair<ulong, Action> first = waiting.First();
        if (undecided.Count > 0 && undecided.Min < first.Key)
        {
            return false;
        }

        waiting.Remove(first.Key);
        followUp = first.Value;
        return true;
    }
}
