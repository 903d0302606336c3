using System.Management.Automation;

namespace Azs.Registration.Sessions;

/// <summary>Remove-Module takes the sign-in with it.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <summary>Ends the session of the runspace that removes the module.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionStore.Replace(null);
}
