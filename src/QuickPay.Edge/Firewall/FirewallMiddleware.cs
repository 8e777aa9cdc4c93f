using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// Lets pass at once what a positive model knows to hold no attack, and has the rest inspected. Without a verdict nothing passes.
/// </summary>
internal sealed class FirewallMiddleware(
    RequestDelegate next,
    InspectionPool pool,
    IOptions<FirewallOptions> options,
    TimeProvider time,
    ILogger<FirewallMiddleware> logger,
    IPositiveModel? model = null
)
{
    private const string Rule = "rule";
    private const string Decision = "decision";
    private static readonly KeyValuePair<string, object?> Fast = new(Decision, "fast");
    private static readonly KeyValuePair<string, object?> Passed = new(Decision, "passed");
    private static readonly KeyValuePair<string, object?> Detected = new(Decision, "detected");
    private static readonly KeyValuePair<string, object?> Blocked = new(Decision, "blocked");
    private static readonly KeyValuePair<string, object?> Malformed = new(Decision, "malformed");
    private static readonly KeyValuePair<string, object?> Overloaded = new(Decision, "overloaded");
    private static readonly KeyValuePair<string, object?> Failed = new(Decision, "failed");
    private readonly bool _blocks = options.Value.BlockingEnabled;
    private readonly int _paranoiaLevel = options.Value.ParanoiaLevel;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.GetEdge();
        if (model is not null && model.Matches(context, request))
        {
            EdgeTelemetry.FirewallRequests.Add(1, Fast);
            return next(context);
        }
        return InspectAsync(context, request);
    }

    private async Task InspectAsync(HttpContext context, EdgeRequest request)
    {
        var started = time.GetTimestamp();
        var (outcome, verdict) = await pool.InspectAsync(InspectedRequest.Of(context, request), context.RequestAborted);
        EdgeTelemetry.FirewallDuration.Record(time.GetElapsedTime(started).TotalMilliseconds);
        if (verdict is null)
        {
            var isOverload = outcome == InspectionOutcome.Overloaded;
            EdgeTelemetry.FirewallRequests.Add(1, isOverload ? Overloaded : Failed);
            await Problems.Of(isOverload ? ProblemCode.Overloaded : ProblemCode.UnavailableRetry).ExecuteAsync(context);
            return;
        }
        if (verdict.IsMalformed)
        {
            // Detecting only does not let it pass either: the API would refuse it in the same way.
            EdgeTelemetry.FirewallRequests.Add(1, Malformed);
            await Problems
                .Invalid("request", "A field, a header or the target is too long, or there are too many fields.")
                .ExecuteAsync(context);
            return;
        }
        if (verdict.IsClean)
        {
            EdgeTelemetry.FirewallRequests.Add(1, Passed);
            model?.Learn(context, request);
            await next(context);
            return;
        }
        var isBlocked = verdict.IsBlocked && _blocks;
        Write(request, verdict, isBlocked);
        await (isBlocked ? Problems.Of(ProblemCode.RequestBlocked).ExecuteAsync(context) : next(context));
    }

    private void Write(EdgeRequest request, Verdict verdict, bool isBlocked)
    {
        var decision = isBlocked ? Blocked : Detected;
        EdgeTelemetry.FirewallRequests.Add(1, decision);
        foreach (var match in verdict.Matches)
        {
            EdgeTelemetry.FirewallMatches.Add(1, new KeyValuePair<string, object?>(Rule, match.RuleId), decision);
        }
        // The gravest match stands for all, one of the rule set before ours, which know no kinds of attacks; the numbers name the others.
        var worst = verdict
            .Matches.OrderBy(match => match.Severity)
            .ThenBy(match => match.RuleId < RuleLog.FirstOfRuleSet)
            .FirstOrDefault();
        var rules = string.Join(' ', verdict.Matches.Select(match => match.RuleId).Distinct());
        var (call, id) = (request.Call.Name, request.RequestId);
        var (attack, variable, matched) = (worst?.Attack ?? "other", worst?.Variable ?? "", worst?.Matched ?? "");
        if (isBlocked)
        {
            FirewallLog.Blocked(logger, call, request.Client, id, attack, rules, verdict.Score, _paranoiaLevel, variable, matched);
        }
        else
        {
            FirewallLog.Detected(logger, call, request.Client, id, attack, rules, verdict.Score, _paranoiaLevel, variable, matched);
        }
    }
}
