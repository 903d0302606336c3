using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Azs.Registration.Sessions;

/// <summary>The session and the last run of each runspace.</summary>
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

    /// <summary>What the last pipeline of this runspace that changed something did; null where there was none.</summary>
    public static Run? LastRun => Runspace.DefaultRunspace is Runspace runspace && Slots.TryGetValue(runspace, out Slot slot)
        ? slot.LastRun
        : null;

    /// <summary>Begins the report of a command. It takes the place of the former run's, unless that is still going on.</summary>
    public static CommandReport BeginReport(CommandReport report)
    {
        if (Runspace.DefaultRunspace is Runspace runspace)
        {
            Slots.GetValue(runspace, Slot.For).Add(report);
        }

        return report;
    }

    /// <summary>Forgets session and report of this runspace.</summary>
    public static void Clear()
    {
        if (Runspace.DefaultRunspace is Runspace runspace && Slots.TryGetValue(runspace, out Slot slot))
        {
            slot.Clear();
        }
    }

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

        private Run? run;

        // Of use as long as the run after it had nothing to do: that must not take away what is known of this one.
        private Run? runBefore;

        public Run? LastRun
        {
            get
            {
                lock (this)
                {
                    return runBefore is not null && run!.HadNothingToDo ? runBefore : run;
                }
            }
        }

        public static Slot For(Runspace runspace)
        {
            Slot slot = new();
            runspace.StateChanged += (_, change) =>
            {
                if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
                {
                    slot.Clear();
                }
            };
            return slot;
        }

        public void Add(CommandReport report)
        {
            Run? former = null;
            lock (this)
            {
                if (run is null || !run.IsOpen)
                {
                    Run? last = LastRun;
                    former = last == run ? runBefore : run;
                    runBefore = last;
                    run = new Run(last);
                }

                run.Add(report);
            }

            former?.Release();
        }

        public void Clear()
        {
            Run? last;
            Run? before;
            lock (this)
            {
                (last, before) = (run, runBefore);
                (run, runBefore) = (null, null);
            }

            last?.Release();
            before?.Release();
            Replace(null);
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
