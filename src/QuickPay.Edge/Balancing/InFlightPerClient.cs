using System.Runtime.InteropServices;
using QuickPay.Edge.Http;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// Counts the requests that API servers work on by who sent them: servers have so many places, and nobody may hold them all with requests
/// that take long. It knows only clients that have some, so there are never more of them than places.
/// </summary>
internal sealed class InFlightPerClient(int max)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClientNetwork, int> _requests = [];

    /// <summary>For tests: whose requests are counted.</summary>
    internal int Clients
    {
        get
        {
            lock (_lock)
            {
                return _requests.Count;
            }
        }
    }

    /// <summary>Who is let in <see cref="Leave"/>s, whatever becomes of the request.</summary>
    public bool TryEnter(ClientNetwork client)
    {
        lock (_lock)
        {
            ref var requests = ref CollectionsMarshal.GetValueRefOrAddDefault(_requests, client, out _);
            if (requests >= max)
            {
                return false;
            }
            requests++;
            return true;
        }
    }

    public void Leave(ClientNetwork client)
    {
        lock (_lock)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_requests, client) == 0)
            {
                _requests.Remove(client);
            }
        }
    }
}
