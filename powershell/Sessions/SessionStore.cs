using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Azs.Registration.Sessions;

/// <summary>The session of each runspace.</summary>
/// <remarks>
/// Never one for all: the runspaces of ForEach-Object -Parallel share the process, and one's sign-in would change the
/// others' registration under their hands. The table does not keep a runspace alive, and a session ends with it.
/// </remarks>
internal static class SessionStore
{
    private static readonly ConditionalWeakTable<Runspace, Slot> Slots = new();

    /// <summary>The session of the runspace that this thread works for; null where none was connected.</summary>
    public static Session? Current => Runspace.DefaultRunspace is Runspace runspace && Slots.TryGetValue(runspace, out Slot slot)
        ? slot.Session
        : null;

    /// <summary>Makes a session that of this runspace, and ends the one before.</summary>
    public static void Replace(Session? session)
    {
        if (Runspace.DefaultRunspace is not Runspace runspace)
        {
            return;
        }

        Slots.GetValue(runspace, Slot.For).Replace(session);
    }

    private sealed class Slot
    {
        public Session? Session { get; private set; }

        public static Slot For(Runspace runspace)
        {
            Slot slot = new();
            runspace.StateChanged += (_, change) =>
            {
                if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
                {
                    slot.Replace(null);
                }
            };
            return slot;
        }

        public void Replace(Session? session)
        {
            Session? before;
            lock (this)
            {
                before = Session;
                Session = session;
            }

            before?.Dispose();
        }
    }
}
