namespace QuickPay.Edge.Firewall;

/// <summary>
/// Knows requests that need no inspection because everything in them has a form that cannot hold an attack. Optional: without one,
/// every request is inspected. Both methods run on the request's own thread, before it is forwarded.
/// </summary>
public interface IPositiveModel
{
    /// <summary>Whether the request passes at once. Asked of every request: it has to be quick and allocate nothing.</summary>
    bool Matches(HttpContext context, EdgeRequest request);

    /// <summary>Told of a request in which an inspection found nothing at all, not even what scores too little to block.</summary>
    void Learn(HttpContext context, EdgeRequest request);
}
