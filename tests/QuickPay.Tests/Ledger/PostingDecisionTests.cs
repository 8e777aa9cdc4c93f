using System.Collections.Concurrent;
using CsCheck;
using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>Properties of the decision over random books and requests. The stories are in <see cref="TransferCaseTests"/>.</summary>
public sealed class PostingDecisionTests
{
    /// <summary>
    /// See <see cref="LedgerLaws"/>: conservation, floors, holds, versions, caps, days; a refusal changes nothing. The sample has to
    /// come by every kind of row and every refusal, or it would prove little.
    /// </summary>
    [Fact]
    public void The_laws_hold_for_any_batch_on_any_books()
    {
        var posted = new ConcurrentDictionary<TransferKind, int>();
        var refused = new ConcurrentDictionary<TransferRefusal, int>();
        WorldGen.Plans.Sample(
            plan =>
            {
                foreach (var decision in plan.Build().PostTogether(plan.Ask()))
                {
                    refused.AddOrUpdate(decision.Refusal.Code, 1, (_, n) => n + 1);
                    foreach (var row in decision.Rows)
                    {
                        posted.AddOrUpdate(row.Kind, 1, (_, n) => n + 1);
                    }
                }
            },
            iter: 4_000
        );
        Assert.Equal(Enum.GetValues<TransferKind>(), posted.Keys.Order());
        Assert.Equal(Enum.GetValues<TransferRefusal>(), refused.Keys.Order());
    }

    [Fact]
    public void The_laws_hold_however_requests_fall_into_batches() =>
        Gen.Select(WorldGen.Plans, Gen.Int[1, 4])
            .Sample(
                (plan, size) =>
                {
                    var world = plan.Build();
                    foreach (var batch in plan.Ask().Chunk(size))
                    {
                        world.PostTogether(batch);
                    }
                },
                iter: 1_500
            );

    /// <summary>In one batch or one after the other: who comes first is decided alike. (A hold can be closed from the next batch on.)</summary>
    [Fact]
    public void How_requests_fall_into_batches_does_not_change_what_is_decided() =>
        WorldGen.Plans.Sample(
            plan =>
            {
                var together = plan.Build();
                var apart = plan.Build();

                var decided = together.PostTogether(plan.Ask());
                var decidedApart = plan.Ask().Select(apart.Post).ToList();

                AssertAlike(decidedApart, decided);
                AssertAlike(apart, together, plan);
            },
            iter: 1_500
        );

    [Fact]
    public void Neighbours_on_other_accounts_change_nothing() =>
        Gen.Select(WorldGen.Plans, WorldGen.Plans, Gen.Int[0, 12])
            .Sample(
                (plan, other, at) =>
                {
                    var neighbour = other with { First = 100 };
                    var alone = plan.Build();
                    var among = plan.Build();
                    among.Put(neighbour.Build().Take());
                    var asked = plan.Ask();
                    var before = Math.Min(at, asked.Count);

                    var decidedAlone = alone.PostTogether(asked);
                    var decidedAmong = among.PostTogether([.. asked[..before], .. neighbour.Ask(), .. asked[before..]]);

                    decidedAmong.RemoveRange(before, neighbour.Requests.Length);
                    AssertAlike(decidedAlone, decidedAmong);
                    AssertAlike(alone, among, plan);
                },
                iter: 1_500
            );

    [Fact]
    public void Holds_have_no_legs() =>
        Assert.Throws<InvalidOperationException>(() =>
            new Plan([Rich, Rich], [], [])
                .Build()
                .Post(Asked(TransferKind.Hold) with { LinkedLegs = [new LinkedLeg(TransferKind.Fee, One, Two, 1)] })
        );

    [Fact]
    public void Legs_are_no_holds() =>
        Assert.Throws<InvalidOperationException>(() =>
            new Plan([Rich, Rich], [], [])
                .Build()
                .Post(Asked(TransferKind.Transfer) with { LinkedLegs = [new LinkedLeg(TransferKind.Hold, One, Two, 1)] })
        );

    private static readonly AccountPlan Rich = new(Tier.Verified, AccountStatus.Active, Currency.KRW, 1_000, 0, 0, false);
    private static readonly Guid One = new Plan([], [], []).AccountId(0);
    private static readonly Guid Two = new Plan([], [], []).AccountId(1);

    private static PostingRequest Asked(TransferKind kind) =>
        new()
        {
            KeyDigest = default,
            RequestDigest = default,
            Kind = kind,
            DebitAccount = One,
            CreditAccount = Two,
            Amount = 10,
            Currency = Currency.KRW,
        };

    private static void AssertAlike(List<Decision> expected, List<Decision> actual)
    {
        Assert.Equal(expected.Select(decision => decision.Refusal), actual.Select(decision => decision.Refusal));
        Assert.Equal(
            expected.SelectMany(decision => decision.Rows).Select(WithoutIds),
            actual.SelectMany(decision => decision.Rows).Select(WithoutIds)
        );
    }

    private static void AssertAlike(World expected, World actual, Plan plan)
    {
        var (wanted, got) = (expected.Take(), actual.Take());
        Assert.All(Enumerable.Range(0, plan.Accounts.Length).Select(plan.AccountId), id => Assert.Equal(wanted.Of(id), got.Of(id)));
    }

    private static Transfer WithoutIds(Transfer row) => row with { Id = default, Link = row.Link is null ? null : Guid.Empty };
}
