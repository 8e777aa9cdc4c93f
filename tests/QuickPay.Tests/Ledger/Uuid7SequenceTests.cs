using CsCheck;
using QuickPay.Ledger;

namespace QuickPay.Tests.Ledger;

/// <summary>RFC 9562, section 5.7; order as PostgreSQL compares uuids: byte by byte.</summary>
public sealed class Uuid7SequenceTests
{
    private static readonly DateTime Noon = new(2026, 11, 22, 3, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Ids_rise_whatever_the_clock_does() =>
        Gen.Select(Gen.Int[-5, 5], Gen.Int[0, 20])
            .Array[1, 50]
            .Sample(
                steps =>
                {
                    var ids = new Uuid7Sequence();
                    var now = Noon;
                    var last = new byte[16];
                    foreach (var (milliseconds, count) in steps)
                    {
                        now = now.AddMilliseconds(milliseconds);
                        ids.SetTime(now);
                        for (var i = 0; i < count; i++)
                        {
                            var next = ids.Next().ToByteArray(bigEndian: true);
                            Assert.True(last.AsSpan().SequenceCompareTo(next) < 0);
                            last = next;
                        }
                    }
                },
                iter: 200
            );

    [Fact]
    public void Ids_carry_time_version_and_variant()
    {
        var ids = new Uuid7Sequence();
        ids.SetTime(Noon);

        for (var n = 0; n < 0x1000; n++)
        {
            var id = ids.Next();
            var bytes = id.ToByteArray(bigEndian: true);
            Assert.Equal(7, id.Version);
            Assert.Equal(0b10, bytes[8] >> 6);
            Assert.Equal(Noon, TimeOf(bytes));
            Assert.Equal(n, (bytes[6] & 0xF) << 8 | bytes[7]);
        }
    }

    [Fact]
    public void A_full_millisecond_borrows_from_the_next()
    {
        var ids = new Uuid7Sequence();
        ids.SetTime(Noon);
        for (var n = 0; n < 0x1000; n++)
        {
            ids.Next();
        }

        var over = ids.Next().ToByteArray(bigEndian: true);
        ids.SetTime(Noon.AddMilliseconds(1));
        var after = ids.Next().ToByteArray(bigEndian: true);

        Assert.Equal((Noon.AddMilliseconds(1), 0), (TimeOf(over), (over[6] & 0xF) << 8 | over[7]));
        Assert.Equal((Noon.AddMilliseconds(1), 1), (TimeOf(after), (after[6] & 0xF) << 8 | after[7]));
    }

    [Fact]
    public void Two_lanes_in_one_millisecond_share_no_id()
    {
        var (one, two) = (new Uuid7Sequence(), new Uuid7Sequence());
        one.SetTime(Noon);
        two.SetTime(Noon);

        var ids = Enumerable.Range(0, 10_000).SelectMany(_ => new[] { one.Next(), two.Next() }).ToHashSet();

        Assert.Equal(20_000, ids.Count);
    }

    private static DateTime TimeOf(byte[] id) =>
        DateTime.UnixEpoch.AddMilliseconds(
            (long)id[0] << 40 | (long)id[1] << 32 | (long)id[2] << 24 | (long)id[3] << 16 | (long)id[4] << 8 | id[5]
        );
}
