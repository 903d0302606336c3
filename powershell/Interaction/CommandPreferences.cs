using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Azs.Registration.Interaction;

/// <summary>What the common parameters and preference variables ask of a command.</summary>
internal sealed class CommandPreferences
{
    private readonly PSCmdlet cmdlet;
    private readonly Dictionary<string, object> bound;

    public CommandPreferences(PSCmdlet cmdlet)
    {
        this.cmdlet = cmdlet;
        // Common parameters never bind from the pipeline, so what is bound of them holds for all rows.
        bound = cmdlet.MyInvocation.BoundParameters;
        ActionPreference onError = Read("ErrorAction", "ErrorActionPreference", ActionPreference.Continue);
        ActionPreference onWarning = Read("WarningAction", "WarningPreference", ActionPreference.Continue);
        StopsOnError = onError == ActionPreference.Stop;
        WarningsMayEnd = onWarning is ActionPreference.Stop or ActionPreference.Inquire;
        AsksOnError = onError == ActionPreference.Inquire;
        ConfirmImpact threshold = ReadVariable("ConfirmPreference", ConfirmImpact.High);
        bool? confirm = bound.TryGetValue("Confirm", out object? given) ? LanguagePrimitives.IsTrue(given) : null;
        IsWhatIf = LanguagePrimitives.IsTrue(
            bound.TryGetValue("WhatIf", out object? whatIf) ? whatIf : cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference"));
        CountsAsYes = confirm == false || (confirm is null && threshold == ConfirmImpact.None);
        ConfirmGiven = confirm == true;
        Threshold = threshold;
        ShouldProcessAsks = confirm == true || (confirm is null && threshold is ConfirmImpact.Low or ConfirmImpact.Medium);
    }

    /// <summary>-ErrorAction Stop, or the variable.</summary>
    public bool StopsOnError { get; }

    /// <summary>-WarningAction Stop or Inquire, or the variable: the pipeline can end inside of WriteWarning.</summary>
    public bool WarningsMayEnd { get; }

    /// <summary>-ErrorAction Inquire, or the variable: the pipeline can end inside of WriteError.</summary>
    public bool AsksOnError { get; }

    /// <summary>-Confirm.</summary>
    public bool ConfirmGiven { get; }

    /// <summary>$ConfirmPreference.</summary>
    public ConfirmImpact Threshold { get; }

    /// <summary>-WhatIf, or the variable.</summary>
    public bool IsWhatIf { get; }

    /// <summary>-Confirm:$false, or $ConfirmPreference = 'None': the answer to every question is given.</summary>
    public bool CountsAsYes { get; }

    /// <summary>-Confirm, or a $ConfirmPreference that the impact of our commands (Medium) reaches.</summary>
    public bool ShouldProcessAsks { get; }

    /// <summary>
    /// Whether the view of errors leaves the recommended action out. ConciseView shows it; NormalView, the only one of
    /// Windows PowerShell 5.1, does not.
    /// </summary>
    public bool ViewHidesRecommendedAction
    {
        get
        {
            string? view = cmdlet.SessionState.PSVariable.GetValue("ErrorView")?.ToString();
            return !"ConciseView".Equals(view, StringComparison.OrdinalIgnoreCase);
        }
    }

    private T Read<T>(string parameter, string variable, T otherwise)
        where T : struct =>
        bound.TryGetValue(parameter, out object? given) && LanguagePrimitives.TryConvertTo(given, out T value)
            ? value
            : ReadVariable(variable, otherwise);

    private T ReadVariable<T>(string variable, T otherwise)
        where T : struct =>
        LanguagePrimitives.TryConvertTo(cmdlet.SessionState.PSVariable.GetValue(variable), out T value) ? value : otherwise;
}
