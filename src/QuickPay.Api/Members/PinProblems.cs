using QuickPay.Members;

namespace QuickPay.Api.Members;

/// <summary>What a member is told about their PIN.</summary>
public static class PinProblems
{
    /// <summary>The refusal that follows from a check; null when the PIN is in order.</summary>
    public static Problem? ToProblem(this PinCheck check) =>
        check.Outcome switch
        {
            PinOutcome.Ok => null,
            PinOutcome.Required => Problems.Of(ProblemCode.PinRequired),
            PinOutcome.Invalid => Problems.Of(ProblemCode.PinInvalid),
            PinOutcome.Locked => Problems.Of(ProblemCode.PinLocked, check.RetryAfter),
            PinOutcome.Overloaded => Problems.Of(ProblemCode.Overloaded),
        };
}
