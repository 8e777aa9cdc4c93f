using Yarp.ReverseProxy.Forwarder;

namespace QuickPay.Edge.Balancing;

/// <summary>How a try to have a request answered by a server ended.</summary>
internal enum ExchangeEnd
{
    /// <summary>It is answered, whatever the answer says.</summary>
    Answered,

    /// <summary>The client went away.</summary>
    ClientLeft,

    /// <summary>No connection: the server has surely not seen the request.</summary>
    NotConnected,

    /// <summary>The connection broke: the server may have seen the request, and may have done it.</summary>
    Broken,

    /// <summary>No answer in time: likewise.</summary>
    TimedOut,

    /// <summary>The edge could not make the request, or could not take the answer (over 1 MiB, or with a head over 32 KiB). Not the server's fault, but it may have seen the request.</summary>
    Unfit,
}

/// <summary>Reads YARP's account of a try.</summary>
internal static class ExchangeEnds
{
    public static ExchangeEnd Of(IForwarderErrorFeature? error, CancellationToken clientLeft) =>
        error switch
        {
            null => ExchangeEnd.Answered,
            _ when clientLeft.IsCancellationRequested => ExchangeEnd.ClientLeft,
            { Error: ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient } => ExchangeEnd.ClientLeft,
            // What is left of canceled ones is our own deadline.
            {
                Error: ForwarderError.RequestTimedOut
                    or ForwarderError.RequestCanceled
                    or ForwarderError.RequestBodyCanceled
                    or ForwarderError.ResponseBodyCanceled
            } => IsConnecting(error.Exception) ? ExchangeEnd.NotConnected : ExchangeEnd.TimedOut,
            { Error: ForwarderError.RequestCreation or ForwarderError.ResponseHeaders } => ExchangeEnd.Unfit,
            _ => OfException(error.Exception),
        };

    private static ExchangeEnd OfException(Exception? e) =>
        e switch
        {
            _ when IsConnecting(e) => ExchangeEnd.NotConnected,
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => ExchangeEnd.Unfit,
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded } =>
                ExchangeEnd.Broken,
            HttpRequestException { InnerException: IOException } or IOException => ExchangeEnd.Broken,
            OperationCanceledException => ExchangeEnd.TimedOut,
            AggregateException several => OfException(several.InnerExceptions[0]),
            _ => ExchangeEnd.Unfit,
        };

    private static bool IsConnecting(Exception? e) =>
        e
            is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                }
                // What SocketsHttpHandler makes of its ConnectTimeout; a request's own deadline has no TimeoutException in it.
                or OperationCanceledException { InnerException: TimeoutException };
}
