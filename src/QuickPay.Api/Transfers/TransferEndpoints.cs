using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using QuickPay.Accounts;
using QuickPay.Api.Members;
using QuickPay.Api.Sessions;
using QuickPay.Ledger;
using QuickPay.Members;
using QuickPay.Transfers;

namespace QuickPay.Api.Transfers;

/// <summary>Sending, holding, capturing, cancelling and looking up.</summary>
public static class TransferEndpoints
{
    public static RouteGroupBuilder MapTransfers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/transfers").WithTags("Transfers").RequireSession();
        group
            .MapPost("/", SendAsync)
            .Accepts<SendMoneyBody>("application/json")
            .WithSummary("Send money, or hold it")
            .WithName("SendMoney");
        group.MapGet("/{id}", GetAsync).WithSummary("Look a transfer up").WithName("GetTransfer");
        group
            .MapPost("/{id}/capture", CaptureAsync)
            .Accepts<CaptureBody>(isOptional: true, "application/json")
            .WithSummary("Take what a pending transfer holds")
            .WithName("CaptureTransfer");
        group
            .MapPost("/{id}/cancel", CancelAsync)
            .Accepts<CancelBody>(isOptional: true, "application/json")
            .WithSummary("Return what a pending transfer holds")
            .WithName("CancelTransfer");
        return group;
    }

    /// <summary>Money from outside, where it is switched on: for development.</summary>
    public static void MapDevelopmentDeposits(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/accounts/{id}/deposits", DepositAsync)
            .WithTags("Development")
            .RequireSession()
            .Accepts<DepositBody>("application/json")
            .WithSummary("Put money into a wallet (development only)")
            .WithName("Deposit");

    private static async Task<Results<Created<TransferView>, Problem>> SendAsync(
        HttpContext context,
        PostingEngine engine,
        AccountReader accounts,
        MemberDirectory members,
        Pins pins,
        KeyReader keys,
        IOptions<ApiOptions> options,
        TimeProvider time
    )
    {
        var caller = context.GetCaller();
        var (key, keyProblem) = IdempotencyKey.Read(context.Request);
        if (key is null)
        {
            return keyProblem!;
        }
        var (body, bodyProblem) = await RequestBody.ReadAsync(context, ApiJson.Default.SendMoneyBody);
        if (body is null)
        {
            return bodyProblem!;
        }
        var (send, problem) = TransferValidation.Check(body);
        if (send is null)
        {
            return problem!;
        }
        var (keyDigest, requestDigest) = (RequestDigest.OfKey(caller.MemberId, "send", key), DigestOf(send, body));
        if (send.Pin is not null || send.Amount > options.Value.PinThreshold)
        {
            var pin = await pins.CheckAsync(caller, send.Pin, required: true, context.RequestAborted);
            // What was decided is answered, PIN or not: who hears "locked" after having paid would pay again another way.
            if (pin.ToProblem() is { } pinProblem && !await keys.IsDecidedAsync(keyDigest, requestDigest, context.RequestAborted))
            {
                return pinProblem;
            }
        }
        var recipient = await FindRecipientAsync(send.To, accounts, members, context.RequestAborted);
        var outcome = await engine.PostAsync(
            new PostingRequest
            {
                KeyDigest = keyDigest,
                RequestDigest = requestDigest,
                Kind = send.Hold ? TransferKind.Hold : TransferKind.Transfer,
                DebitAccount = send.FromAccountId,
                CreditAccount = recipient,
                Amount = send.Amount,
                Currency = send.Currency,
                Owner = caller.MemberId,
                OwnerSide = OwnerSide.Debit,
                Memo = send.Memo,
                ExpiresAt = send.Hold ? send.ExpiresAt ?? DefaultExpiry(time) : null,
            }
        );
        return PostingAnswers.ProblemOf(context, outcome) is { } refused
            ? refused
            : TypedResults.Created((string?)null, PostingAnswers.Sent(context, outcome));
    }

    private static async Task<Results<Created<TransferView>, Problem>> DepositAsync(string id, HttpContext context, PostingEngine engine)
    {
        var caller = context.GetCaller();
        var (key, keyProblem) = IdempotencyKey.Read(context.Request);
        if (key is null)
        {
            return keyProblem!;
        }
        var (body, bodyProblem) = await RequestBody.ReadAsync(context, ApiJson.Default.DepositBody);
        if (body is null)
        {
            return bodyProblem!;
        }
        var problem = Problems.Of(ProblemCode.InvalidRequest);
        var (amount, currency) = TransferValidation.CheckMoney(body.Amount, body.Currency, problem);
        if (problem.Errors.Count > 0)
        {
            return problem;
        }
        var accountId = PathId.Parse(id);
        var outcome = await engine.PostAsync(
            new PostingRequest
            {
                KeyDigest = RequestDigest.OfKey(caller.MemberId, "deposit", key),
                RequestDigest = new RequestDigest("deposit").Add(accountId).Add(amount).Add((long)currency).Finish(),
                Kind = TransferKind.Deposit,
                DebitAccount = HouseAccounts.For(HousePurpose.CashIn, currency, accountId),
                CreditAccount = accountId,
                Amount = amount,
                Currency = currency,
                Owner = caller.MemberId,
                OwnerSide = OwnerSide.Credit,
            }
        );
        return PostingAnswers.ProblemOf(context, outcome) is { } refused
            ? refused
            : TypedResults.Created((string?)null, PostingAnswers.Received(context, outcome));
    }

    private static async Task<Results<Ok<TransferView>, Problem>> GetAsync(string id, HttpContext context, TransferReader transfers)
    {
        var caller = context.GetCaller();
        var transferId = PathId.Parse(id);
        return await transfers.GetAsync(transferId, caller.MemberId, context.RequestAborted) is { } found
            ? TypedResults.Ok(PostingAnswers.Found(context, found, caller.MemberId))
            : Problems.Of(ProblemCode.TransferNotFound);
    }

    private static Task<Results<Ok<TransferView>, Problem>> CaptureAsync(
        string id,
        HttpContext context,
        PostingEngine engine,
        TransferReader transfers
    ) => CloseAsync(id, TransferKind.Capture, context, engine, transfers);

    private static Task<Results<Ok<TransferView>, Problem>> CancelAsync(
        string id,
        HttpContext context,
        PostingEngine engine,
        TransferReader transfers
    ) => CloseAsync(id, TransferKind.Cancel, context, engine, transfers);

    /// <summary>
    /// Sender and recipient may both close a hold: the sender confirms or takes back, the recipient takes or declines.
    /// The hold's own row never changes, so it may be read before the engine locks anything.
    /// </summary>
    private static async Task<Results<Ok<TransferView>, Problem>> CloseAsync(
        string id,
        TransferKind kind,
        HttpContext context,
        PostingEngine engine,
        TransferReader transfers
    )
    {
        var caller = context.GetCaller();
        var (key, keyProblem) = IdempotencyKey.Read(context.Request);
        if (key is null)
        {
            return keyProblem!;
        }
        var (amount, problem) = await ReadCloseAsync(kind, context);
        if (problem is not null)
        {
            return problem;
        }
        var holdId = PathId.Parse(id);
        if (await transfers.GetAsync(holdId, caller.MemberId, context.RequestAborted) is not { } found)
        {
            return Problems.Of(ProblemCode.TransferNotFound);
        }
        var operation = kind == TransferKind.Capture ? "capture" : "cancel";
        var outcome = await engine.PostAsync(
            new PostingRequest
            {
                KeyDigest = RequestDigest.OfKey(caller.MemberId, operation, key),
                RequestDigest = new RequestDigest(operation).Add(holdId).Add(amount).Finish(),
                Kind = kind,
                DebitAccount = found.Row.DebitAccount,
                CreditAccount = found.Row.CreditAccount,
                Amount = amount,
                Currency = found.Row.Currency,
                Owner = caller.MemberId,
                OwnerSide = OwnerSide.Either,
                Memo = found.Row.Memo,
                HoldId = holdId,
            }
        );
        return PostingAnswers.ProblemOf(context, outcome) is { } refused
            ? refused
            : TypedResults.Ok(PostingAnswers.Closed(context, outcome, found, caller.MemberId));
    }

    /// <summary>The body is optional: none means all of the hold. One that is there is read, whatever its headers say.</summary>
    private static async ValueTask<(long Amount, Problem? Problem)> ReadCloseAsync(TransferKind kind, HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return (0, null);
        }
        if (kind == TransferKind.Cancel)
        {
            return (0, (await RequestBody.ReadAsync(context, ApiJson.Default.CancelBody)).Problem);
        }
        var (body, problem) = await RequestBody.ReadAsync(context, ApiJson.Default.CaptureBody);
        return body switch
        {
            null => (0, problem),
            { Amount: <= 0 } => (0, Problems.Invalid("amount", "Must be a whole number of minor units, 1 or more.")),
            _ => (body.Amount ?? 0, null),
        };
    }

    private static async ValueTask<Guid> FindRecipientAsync(
        RecipientBody to,
        AccountReader accounts,
        MemberDirectory members,
        CancellationToken cancellationToken
    )
    {
        if (to.AccountId is not null)
        {
            return Guid.ParseExact(to.AccountId, "D");
        }
        if (to.AccountNumber is not null)
        {
            return AccountNumber.Normalise(to.AccountNumber) is { } number
                ? await accounts.FindByNumberAsync(number, cancellationToken) ?? Guid.Empty
                : Guid.Empty;
        }
        return (await members.FindWalletByPhoneAsync(to.Phone!, cancellationToken))?.AccountId ?? Guid.Empty;
    }

    /// <summary>The canonical body: everything that was sent but the PIN, with defaults filled in.</summary>
    private static Guid DigestOf(SendMoney send, SendMoneyBody body) =>
        new RequestDigest("send")
            .Add(send.FromAccountId)
            .Add(send.To.Phone)
            .Add(send.To.AccountNumber)
            .Add(send.To.AccountId)
            .Add(send.Amount)
            .Add((long)send.Currency)
            .Add(send.Memo)
            .Add(send.Hold ? 1 : 0)
            .Add(body.ExpiresAt is null ? 0 : send.ExpiresAt!.Value.Ticks)
            .Finish();

    private static DateTime DefaultExpiry(TimeProvider time)
    {
        var at = (time.GetUtcNow() + TransferValidation.HoldDefault).UtcDateTime;
        return new DateTime(at.Ticks - at.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
    }
}
