using System;
using System.Management.Automation;
using Azs.Registration.Interaction;
using Azs.Registration.Native;

namespace Azs.Registration.Commands;

/// <summary>A command that changes mappings: it asks before a bill moves.</summary>
public abstract class TenantChangeCommand : TenantCommand
{
    private ConfirmationGate? gate;

    private protected TenantChangeCommand()
    {
    }

    /// <summary>Does not ask. With -WhatIf nothing is changed all the same.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// A file that gets a line (JSON) for each change that was attempted, before its result is written. What is in it stays.
    /// Where a line cannot be written, nothing is changed any more.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuditLog { get; set; }

    /// <summary>The question that stands between a request and a move of a bill.</summary>
    private protected ConfirmationGate Gate =>
        gate ??= new ConfirmationGate(this, Force.IsPresent || Preferences.CountsAsYes, CloseProgress);

    private string HowToConfirm => Preferences.ConfirmGiven
        ? "Leave -Confirm out."
        : $"$ConfirmPreference is {Preferences.Threshold}: run the command with -Confirm:$false.";

    /// <summary>A write takes effect also where nobody is left to be told of it.</summary>
    private protected override bool Changes => true;

    private protected override string? AuditLogFile()
    {
        // -WhatIf changes nothing, and makes no file.
        if (AuditLog is not string path || Preferences.IsWhatIf)
        {
            return null;
        }

        string file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return provider.Name == "FileSystem"
            ? file
            : throw new RefusedException(new ErrorInfo(
                ErrorKind.Input, "AuditLogNotWritable", $"AuditLog '{path}' is no file: it is a path of {provider.Name}. Nothing was sent.")
            {
                Column = "AuditLog",
            });
    }

    /// <summary>ShouldProcess shows or asks something, so that what would be done has to be known before.</summary>
    private protected bool ShowsBefore => Preferences.IsWhatIf || Preferences.ShouldProcessAsks;

    /// <summary>-Confirm where nobody can be asked: refused before anything is looked up.</summary>
    /// <returns>Whether it was refused.</returns>
    private protected bool RefusesUnattended(TenantTarget target, Mapping mapping, string action)
    {
        if (!Preferences.ShouldProcessAsks || Preferences.IsWhatIf || !Attendance.IsUnattended(Host))
        {
            return false;
        }

        Refuse(
            target,
            AzsRegistrationTenantOutcome.NotStarted,
            mapping,
            NobodyToAsk($"{action} ({Wording.Target(mapping)}) is to be confirmed, and nobody can be asked here.", HowToConfirm, target.Row));
        return true;
    }

    /// <summary>ShouldProcess, which comes before everything else.</summary>
    private protected bool MayProcess(TenantTarget target, Mapping mapping, string action)
    {
        if (Preferences.ShouldProcessAsks && !Preferences.IsWhatIf)
        {
            CloseProgress();
        }

        if (ShouldProcess(Wording.Target(mapping), action))
        {
            return true;
        }

        if (Preferences.IsWhatIf)
        {
            Forget(target);
        }
        else
        {
            NoteDeclined(target, mapping);
        }

        return false;
    }

    /// <summary>Somebody said No: that is no error, and the report has it.</summary>
    private protected void NoteDeclined(TenantTarget target, Mapping mapping) => Note(
        target,
        AzsRegistrationTenantOutcome.NotStarted,
        mapping,
        new ErrorInfo(ErrorKind.Cancelled, "Declined", "Somebody was asked, and answered No. Nothing was changed.") { Row = target.Row });

    private protected sealed override void OnFinished(object item, RequestFinished finished)
    {
        // Before the result: a neighbour that has seen enough ends the pipeline inside of WriteObject.
        if (finished.AuditError is ErrorInfo missing)
        {
            WriteFailure(missing, ResultOf(finished));
        }

        OnAudited(item, finished);
    }

    /// <summary>A request has ended, and whether the audit log has it was told.</summary>
    private protected abstract void OnAudited(object item, RequestFinished finished);

    /// <summary>Submits a change.</summary>
    /// <param name="item">What it is about.</param>
    /// <param name="send">Submits it with a tag.</param>
    /// <param name="mayAsk">Whether its end may call for a question.</param>
    /// <param name="instead">The request whose end is not the item's any more, now that this one is submitted; 0 where there is none.</param>
    private protected void SubmitChange(ITargeted item, Func<Operation, ulong, Submission> send, bool mayAsk = false, ulong instead = 0)
    {
        if (!Submit(item, send, isList: false, mayAsk))
        {
            return;
        }

        Forget(item.Target);
        if (instead != 0)
        {
            Report?.Supersede(instead);
        }
    }

    /// <summary>The refusal of an item that somebody would have to agree to.</summary>
    private protected static ErrorInfo NobodyToAsk(string message, string cure, long row) => new(
        ErrorKind.Conflict, "ConfirmationRequired", row > 0 ? $"Row {row}: {message} Nothing was changed." : message + " Nothing was changed.")
    {
        Row = row,
        RecommendedAction = cure,
    };
}
