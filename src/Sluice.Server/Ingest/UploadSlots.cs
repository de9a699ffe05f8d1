using System.Net;
using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest;

/// <summary>
/// Bounds the uploads received at once, together and from one address. One more is refused and not queued: a queued upload would hold
/// a connection and a client's patience without telling it anything.
/// </summary>
internal sealed class UploadSlots(SluiceOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byClient = [];
    private int _taken;

    /// <summary>Takes a slot until what is answered is disposed.</summary>
    /// <param name="client">Where the request comes from.</param>
    /// <exception cref="IntakeRefusedException">All are taken.</exception>
    public IDisposable Take(IPAddress? client)
    {
        client ??= IPAddress.None;
        lock (_gate)
        {
            if (_taken >= options.Ingest.MaxUploads)
            {
                throw new IntakeRefusedException(
                    ErrorCode.ServerBusy, $"{_taken} uploads are running, and there may be {options.Ingest.MaxUploads} (ingest.maxUploads).");
            }

            var own = _byClient.GetValueOrDefault(client);
            if (own >= options.Ingest.MaxUploadsPerClient)
            {
                throw new IntakeRefusedException(
                    ErrorCode.ServerBusy,
                    $"{own} uploads are running from your address, and there may be {options.Ingest.MaxUploadsPerClient} (ingest.maxUploadsPerClient).");
            }

            _byClient[client] = own + 1;
            _taken++;
        }

        return new Slot(this, client);
    }

    private void Release(IPAddress client)
    {
        lock (_gate)
        {
            _taken--;
            if (--_byClient[client] == 0)
            {
                _byClient.Remove(client);
            }
        }
    }

    private sealed class Slot(UploadSlots slots, IPAddress client) : IDisposable
    {
        private bool _released;

        public void Dispose()
        {
            if (!_released)
            {
                _released = true;
                slots.Release(client);
            }
        }
    }
}
