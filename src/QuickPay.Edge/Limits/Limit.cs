namespace QuickPay.Edge.Limits;

/// <summary>
/// So many requests of one subject (an address, a phone number, an operator's name, a member) in any window of time. Requests are counted in leases: an edge
/// takes one lease from the log that all edges share and hands out its requests by itself.
/// </summary>
internal sealed class Limit
{
    // A lease is half a per cent of the limit: what edges hold unspent stays well within the ±2 % that limits promise.
    private const int LeasesWanted = 200;

    // As much as limits may be missed by: given out without asking. Of less than 50 requests it is none, and each is asked for.
    private const int UnaskedPart = 50;

    // Given out while an answer is on its way; can be had once a minute (see Subject).
    private const int CreditPart = 10;

    /// <param name="name">Names it in headers, metrics and keys; lower case, stable.</param>
    /// <param name="requests">How many in a window.</param>
    /// <param name="window">Whole seconds.</param>
    public Limit(string name, int requests, TimeSpan window)
    {
        (Name, Requests, Window) = (name, requests, window);
        LeaseRequests = Math.Max(1, requests / LeasesWanted);
        LeasesMax = requests / LeaseRequests;
        UnaskedMax = requests / UnaskedPart;
        CreditMax = UnaskedMax > 0 ? requests / CreditPart : 0;
        ReserveMin = LeaseRequests / 4;
        Policy = $"\"{name}\";q={requests};w={(int)window.TotalSeconds}";
    }

    public string Name { get; }

    public int Requests { get; }

    public TimeSpan Window { get; }

    /// <summary>Requests in a lease.</summary>
    public int LeaseRequests { get; }

    /// <summary>Leases in a window. What does not divide evenly is not given out: less than 1 %.</summary>
    public int LeasesMax { get; }

    /// <summary>Requests that the others need not hear of.</summary>
    public int UnaskedMax { get; }

    /// <summary>Requests that may be let through before a lease for them was granted, as long as nobody was seen busy.</summary>
    public int CreditMax { get; }

    /// <summary>With this few left the next lease is asked for, so that nobody waits for it.</summary>
    public int ReserveMin { get; }

    /// <summary>An item of the field RateLimit-Policy.</summary>
    public string Policy { get; }
}
