using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class AcknowledgedTests
{
    [Fact]
    public void A_sample_of_answers_is_drawn_evenly_and_every_id_is_kept()
    {
        const int Total = 200_000; // several blocks, the last one partly filled
        var acknowledged = new Acknowledged(sampleSize: 1_000, seed: 11);
        for (var i = 0; i < Total; i++)
        {
            acknowledged.Add(new TransferRequest((ulong)i, 0, 1, 1), new Guid(i, 0, 0, new byte[8]), [1]);
        }

        Assert.Equal(Total, acknowledged.Ids().Distinct().Count());
        Assert.Equal(1_000, acknowledged.Sample.Count);
        // The mean of 1,000 even draws from 0…199,999 has a standard deviation of 1,826; the seed is fixed.
        Assert.InRange(acknowledged.Sample.Average(a => (double)a.Request.Sequence), 92_000, 108_000);
    }
}
