using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace AzsTests
{
    /// <summary>A question that was asked.</summary>
    public sealed class Question
    {
        public string Caption { get; set; }
        public string Message { get; set; }
        public string[] Choices { get; set; }

        /// <summary>What Enter alone would have answered.</summary>
        public string Default { get; set; }
    }

    /// <summary>A host that has somebody to ask: who answers what the test says, and remembers the questions.</summary>
    public sealed class ScriptedConsole : PSHost
    {
        private readonly Guid id = Guid.NewGuid();
        private readonly ScriptedInterface ui = new ScriptedInterface();

        /// <summary>Labels of choices, in the order of the questions; an empty one is Enter, and Ctrl+C ends the pipeline.</summary>
        public Queue<string> Answers { get { return ui.Answers; } }

        /// <summary>Forgets what was, and gives the same answer to all questions from now on, or to none.</summary>
        public void Restart(bool answers, string always)
        {
            ui.Answers.Clear();
            ui.Questions.Clear();
            ui.Events.Clear();
            ui.Lines.Clear();
            ui.Always = answers ? always : null;
        }

        /// <summary>What was written to the screen beside the streams, as by -WhatIf.</summary>
        public List<string> Lines { get { return ui.Lines; } }

        public List<Question> Questions { get { return ui.Questions; } }

        /// <summary>Questions and progress in the order in which they came.</summary>
        public List<string> Events { get { return ui.Events; } }

        public override CultureInfo CurrentCulture { get { return CultureInfo.InvariantCulture; } }
        public override CultureInfo CurrentUICulture { get { return CultureInfo.InvariantCulture; } }
        public override Guid InstanceId { get { return id; } }
        public override string Name { get { return "ScriptedConsole"; } }
        public override PSHostUserInterface UI { get { return ui; } }
        public override Version Version { get { return new Version(1, 0); } }

        public override void EnterNestedPrompt() { throw new NotSupportedException(); }
        public override void ExitNestedPrompt() { throw new NotSupportedException(); }
        public override void NotifyBeginApplication() { }
        public override void NotifyEndApplication() { }
        public override void SetShouldExit(int exitCode) { }
    }

    internal sealed class ScriptedInterface : PSHostUserInterface
    {
        public readonly Queue<string> Answers = new Queue<string>();
        public readonly List<Question> Questions = new List<Question>();
        public readonly List<string> Events = new List<string>();
        public readonly List<string> Lines = new List<string>();

        /// <summary>The answer where no other is left; null where nobody answers then.</summary>
        public string Always;

        public override PSHostRawUserInterface RawUI { get { return null; } }

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            string[] labels = new string[choices.Count];
            for (int i = 0; i < labels.Length; i++)
            {
                labels[i] = choices[i].Label.Replace("&", string.Empty);
            }

            Events.Add("question");
            Questions.Add(new Question
            {
                Caption = caption,
                Message = message,
                Choices = labels,
                Default = defaultChoice < 0 ? null : labels[defaultChoice],
            });
            if (Answers.Count == 0 && Always == null)
            {
                throw new InvalidOperationException("Nobody expected the question: " + message);
            }

            string answer = Answers.Count == 0 ? Always : Answers.Dequeue();
            if (answer == "Ctrl+C")
            {
                throw new PipelineStoppedException();
            }

            return answer.Length == 0 ? defaultChoice : Array.IndexOf(labels, answer);
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
            Events.Add(record.RecordType == ProgressRecordType.Completed ? "progress taken away" : "progress");
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) { throw new NotSupportedException(); }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) { throw new NotSupportedException(); }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) { throw new NotSupportedException(); }
        public override string ReadLine() { throw new NotSupportedException(); }
        public override SecureString ReadLineAsSecureString() { throw new NotSupportedException(); }
        public override void Write(string value) { }
        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }
        public override void WriteLine(string value) { Lines.Add(value); }
        public override void WriteDebugLine(string message) { }
        public override void WriteErrorLine(string value) { }
        public override void WriteVerboseLine(string message) { }
        public override void WriteWarningLine(string message) { }
    }
}
