using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace Azs.Registration.Interaction;

/// <summary>Writes warnings and errors; those that may end the command wait until nothing is in flight.</summary>
/// <remarks>
/// -ErrorAction Stop, -WarningAction Stop and their Inquire end a pipeline inside of WriteError and WriteWarning. What is in
/// flight then would take effect, and its results would be written by nobody. So the command stops submitting, writes the
/// results of what is in flight, and only then says what it has to say.
/// </remarks>
internal sealed class Messages
{
    private readonly Cmdlet cmdlet;
    private readonly bool holdsWarnings;
    private readonly bool holdsErrors;
    private readonly bool stopsOnError;
    private readonly List<string> warnings = new();
    private readonly List<ErrorRecord> errors = new();

    /// <param name="cmdlet">Who writes.</param>
    /// <param name="preferences">What the operator wants to happen on a message.</param>
    /// <param name="changes">Whether the command changes anything: a read that is given up loses nothing.</param>
    public Messages(Cmdlet cmdlet, CommandPreferences preferences, bool changes)
    {
        this.cmdlet = cmdlet;
        stopsOnError = preferences.StopsOnError;
        holdsWarnings = changes && preferences.WarningsMayEnd;
        holdsErrors = stopsOnError || (changes && preferences.AsksOnError);
    }

    /// <summary>Something waits to be said: nothing more is to be submitted before <see cref="Release"/>.</summary>
    public bool IsHolding => warnings.Count > 0 || errors.Count > 0;

    /// <summary>Under -ErrorAction Stop something failed: nothing more is submitted at all.</summary>
    public bool IsFailing => stopsOnError && errors.Count > 0;

    /// <summary>Whether any message may have to wait.</summary>
    public bool MayHold => holdsWarnings || holdsErrors;

    public void Warn(string text)
    {
        if (holdsWarnings)
        {
            warnings.Add(text);
        }
        else
        {
            cmdlet.WriteWarning(text);
        }
    }

    public void Fail(ErrorRecord record)
    {
        if (holdsErrors)
        {
            errors.Add(record);
        }
        else
        {
            cmdlet.WriteError(record);
        }
    }

    /// <summary>Says what waited. Nothing is in flight.</summary>
    public void Release()
    {
        if (IsFailing)
        {
            RaiseFirst();
        }
        else if (warnings.Count > 0)
        {
            // The first one may be the last: it says all.
            string all = string.Join("\n", warnings);
            warnings.Clear();
            cmdlet.WriteWarning(all);
        }

        while (errors.Count > 0)
        {
            ErrorRecord next = errors[0];
            errors.RemoveAt(0);
            cmdlet.WriteError(next);
        }
    }

    // Only one error can be raised, and what else there is to say is not to be lost.
    private void RaiseFirst()
    {
        ErrorRecord first = errors[0];
        warnings.AddRange(Others());
        if (!holdsWarnings)
        {
            warnings.ForEach(cmdlet.WriteWarning);
        }
        else if (warnings.Count > 0)
        {
            // A warning would end the command before the error does: callers look for the error.
            first.ErrorDetails = new ErrorDetails($"{first}\n{string.Join("\n", warnings)}")
            {
                RecommendedAction = first.ErrorDetails?.RecommendedAction ?? string.Empty,
            };
        }

        warnings.Clear();
        errors.Clear();
        cmdlet.WriteError(first);
    }

    private List<string> Others()
    {
        int notStarted = 0;
        List<string> others = new();
        for (int at = 1; at < errors.Count; at++)
        {
            if (errors[at].TargetObject is AzsRegistrationTenantResult { Outcome: AzsRegistrationTenantOutcome.NotStarted })
            {
                notStarted++;
                continue;
            }

            // Something may have happened to it.
            string item = errors[at].TargetObject is AzsRegistrationTenantResult result ? result.ToString() : string.Empty;
            others.Add(item.Length == 0 ? errors[at].Exception.Message : $"{errors[at].Exception.Message} ({item})");
        }

        if (notStarted > 0)
        {
            others.Add(string.Format(
                CultureInfo.CurrentCulture,
                "{0:N0} more items were not started. Run the same input again to go on: what is done stays done.",
                notStarted));
        }

        return others;
    }
}
