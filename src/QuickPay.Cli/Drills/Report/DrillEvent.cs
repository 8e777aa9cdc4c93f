namespace QuickPay.Cli.Drills.Report;

/// <summary>Something that happened to the stack, for a reader of the timeline: "kill -9 of pg-a", "pg-b promoted".</summary>
/// <param name="At">From the drill's beginning.</param>
public sealed record DrillEvent(TimeSpan At, string Text);
