using System.Management.Automation;

namespace Azs.Registration.Sessions;

/// <summary>Remove-Module takes the sign-in and the report with it.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <summary>Ends the session, and forgets the report, of the runspace that removes the module.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionStore.Clear();
}
