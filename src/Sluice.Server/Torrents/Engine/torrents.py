"""The torrent engine of Sluice: libtorrent behind two pipes, a program of its own so that a fault in it is not one of the server.

    stdin   lines of JSON, each a command: {"op": "read", "id": 7, "torrent": "t1", "position": 0, "length": 65536, "until": 90000}
    stdout  frames: length of the JSON and of the bytes behind it (two big-endian 32-bit numbers), JSON, bytes

What a torrent may be (names, sizes, hashes) was checked by the server before it comes here; which addresses may be spoken to is the
filter that comes with the first command. Nothing is downloaded but the pieces that somebody waits for, a look-ahead behind each reader
that grows as it goes on, and spans that are to be kept. The program ends when its input does.

One thread does it all: it waits for commands and for libtorrent's alerts at the same time.
"""

import base64
import collections
import hashlib
import json
import os
import selectors
import socket
import struct
import sys
import time

import libtorrent as lt

PROTOCOL = 1
LONGEST_LINE = 48 << 20  # The largest .torrent that the server takes has 32 MiB in base64; trackers come with it.
READ_BYTES = 1 << 16
CACHE_BYTES = 32 << 20
FIRST_AHEAD_BYTES = 512 << 10
MOST_AHEAD_BYTES = 32 << 20
MOST_AHEAD_PIECES = 512
MOST_CURSORS = 8
CURSOR_SECONDS = 60
TICK_SECONDS = 1
SETTLED_SECONDS = 2  # After which a finished piece is most likely written, and not only on its way to the disk.
FIRST_LONELY_SECONDS, LONGEST_LONELY_SECONDS = 4, 120  # Without a peer, after which trackers are asked again: doubled each time.
NEAR_PIECES = 2  # Sound and picture of the same moment lie that close together.
URGENT, SOON, SOME_TIME, NEVER = 7, 5, 1, 0


class Output:
    """Frames to the server. Writing waits for the server to read: what is on its way is bounded by what it asked for."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def send(self, event, payload=b"", **fields):
        text = json.dumps({"event": event, **fields}).encode()
        self.write(struct.pack(">II", len(text), len(payload)) + text)
        if payload:
            self.write(payload)

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view):]


class Cursor:
    """Where somebody reads, and how far ahead of it is looked."""

    def __init__(self, piece, until):
        self.piece = piece
        self.until = until  # Piece behind the last one of the file.
        self.passed = 0  # Bytes that were read in order.
        self.touched = time.monotonic()

    def pieces_ahead(self, piece_length):
        ahead = min(max(self.passed, FIRST_AHEAD_BYTES), MOST_AHEAD_BYTES)
        return min(max(ahead // piece_length, 1), MOST_AHEAD_PIECES)


class Torrent:
    """One torrent, from its first command to `remove`."""

    def __init__(self, engine, key, folder):
        self.engine = engine
        self.key = key
        self.folder = folder
        self.handle = None
        self.info = None  # Known once it is open; until then only its metadata is looked for.
        self.ready = False  # What is on the disk was looked at.
        self.have = bytearray()
        self.unproven = set()  # Pieces that an engine before this one had; their hash is checked when they are read.
        self.settled = bytearray()
        self.saved = bytearray()
        self.waiting = collections.defaultdict(dict)  # piece → {id: (start, length)}
        self.reading = set()
        self.cursors = []
        self.wanted = {}  # piece → rank
        self.keeping = {}  # id → range of pieces
        self.followed = (0, 0)  # Position and length of what is told apart.
        self.problem = None
        self.has_refused_peers = False
        self.lonely_seconds = FIRST_LONELY_SECONDS
        self.lonely_since = None
        self.settled_at = 0
        self.last_status = None
        self.told_at = 0

    # ── what is asked for ─────────────────────────────────────────────────────────────────────────────────────────

    def read(self, request, position, length, until):
        piece_length = self.info.piece_length()
        piece, start = divmod(position, piece_length)
        if not 0 <= piece < self.info.num_pieces() or length <= 0:
            self.engine.out.send("refused", id=request, reason="The torrent ends before that place.")
            return
        if self.problem_of_disk():
            self.handle.clear_error()
            self.handle.unset_flags(lt.torrent_flags.upload_mode)
            self.handle.resume()
        self.touch(piece, min(length, piece_length - start), -(-until // piece_length))
        self.waiting[piece][request] = (start, length)
        if self.ready and self.have[piece]:
            self.fetch(piece)
        self.plan()

    def touch(self, piece, length, until):
        for cursor in self.cursors:
            if cursor.piece - NEAR_PIECES <= piece <= cursor.piece + cursor.pieces_ahead(self.info.piece_length()) + 1:
                cursor.piece = max(cursor.piece, piece)
                cursor.passed += length
                cursor.touched = time.monotonic()
                return
        if len(self.cursors) == MOST_CURSORS:
            self.cursors.remove(min(self.cursors, key=lambda cursor: cursor.touched))
        self.cursors.append(Cursor(piece, min(until, self.info.num_pieces())))

    def cancel(self, request):
        for piece, requests in list(self.waiting.items()):
            if requests.pop(request, None) and not requests:
                del self.waiting[piece]
                self.cursors = [cursor for cursor in self.cursors if cursor.piece != piece]
        if self.keeping.pop(request, None) is not None:
            self.reprioritize()
        self.plan()

    def keep(self, request, position, length):
        piece_length = self.info.piece_length()
        self.keeping[request] = range(position // piece_length, -(-(position + length) // piece_length))
        self.reprioritize()
        self.tell_kept()

    def bytes_of(self, position, length):
        """Bytes of a span that are here."""
        if length <= 0:
            return 0
        size = self.info.piece_length()
        first, last = position // size, (position + length - 1) // size
        here = sum(self.have[first:last + 1]) * size
        if self.have[first]:
            here -= position - first * size
        if self.have[last]:
            here -= (last + 1) * size - position - length
        return here

    def fetch(self, piece):
        """Answers who waits for a piece that is here: from the cache, or when the disk has given it."""
        data = self.engine.cached(self.key, piece)
        if data is not None:
            self.answer(piece, data)
        elif piece not in self.reading:
            self.reading.add(piece)
            self.handle.read_piece(piece)

    def answer(self, piece, data):
        for request, (start, length) in self.waiting.pop(piece, {}).items():
            self.engine.out.send("data", data[start:start + length], id=request)

    def refuse(self, piece, reason):
        for request in self.waiting.pop(piece, {}):
            self.engine.out.send("refused", id=request, reason=reason)

    def close(self):
        for piece in list(self.waiting):
            self.refuse(piece, "The torrent was closed.")
        for request in self.keeping:
            self.engine.out.send("refused", id=request, reason="The torrent was closed.")

    # ── what is downloaded ────────────────────────────────────────────────────────────────────────────────────────

    def plan(self):
        """Has libtorrent want what is needed now, and nothing else."""
        wanted = {piece: 0 for piece in self.waiting}
        for cursor in self.cursors:
            ahead = cursor.pieces_ahead(self.info.piece_length())
            for rank, piece in enumerate(range(cursor.piece, min(cursor.piece + 1 + ahead, cursor.until))):
                wanted[piece] = min(rank, wanted.get(piece, rank))
        wanted = {piece: rank for piece, rank in wanted.items() if not self.have[piece]}
        for piece in self.wanted.keys() - wanted.keys():
            if not self.have[piece]:
                self.handle.reset_piece_deadline(piece)
                self.handle.piece_priority(piece, self.rest_of(piece))
        for piece, rank in sorted(wanted.items(), key=lambda pair: pair[1]):
            if self.wanted.get(piece) != rank:
                if piece not in self.wanted:
                    self.handle.piece_priority(piece, SOON)
                if rank == 0:
                    self.handle.piece_priority(piece, URGENT)
                self.handle.set_piece_deadline(piece, rank * 500)
        self.wanted = wanted

    def rest_of(self, piece):
        return SOME_TIME if any(piece in span for span in self.keeping.values()) else NEVER

    def reprioritize(self):
        self.handle.prioritize_pieces([
            (piece, self.rest_of(piece)) for piece in range(len(self.have)) if not self.have[piece] and piece not in self.wanted])

    def tell_kept(self):
        for request, span in list(self.keeping.items()):
            if self.ready and all(self.have[piece] for piece in span):
                del self.keeping[request]
                self.engine.out.send("data", id=request)

    # ── what libtorrent says ──────────────────────────────────────────────────────────────────────────────────────

    def checked(self):
        self.ready = True
        for piece, here in enumerate(self.handle.status(lt.torrent_handle.query_pieces).pieces):
            self.have[piece] = here
            if not here:
                self.unproven.discard(piece)
        for piece in [piece for piece in self.waiting if self.have[piece]]:
            self.fetch(piece)
        self.plan()
        self.tell_kept()

    def finished(self, piece):
        self.have[piece] = True
        self.wanted.pop(piece, None)
        if piece in self.waiting:
            self.fetch(piece)
        self.tell_kept()

    def read_done(self, piece, data, error):
        self.reading.discard(piece)
        if error:
            self.refuse(piece, "The disk does not give back what was downloaded: " + error)
        elif piece in self.unproven and not self.proves(piece, data):
            # What was on its way to the disk when that engine died is not there: all of it is looked at.
            self.ready = False
            self.unproven.clear()
            self.wanted = {}
            self.have = bytearray(len(self.have))
            self.handle.force_recheck()
        else:
            self.engine.cache(self.key, piece, data)
            self.answer(piece, data)

    def proves(self, piece, data):
        self.unproven.discard(piece)
        return not self.info.info_hashes().has_v1() or hashlib.sha1(data).digest() == self.info.hash_for_piece(piece)

    def disk_failed(self, reason):
        self.problem = reason
        for piece in list(self.waiting):
            self.refuse(piece, reason)

    def problem_of_disk(self):
        return self.handle.status(0).errc.value() != 0

    # ── what is told and kept by itself ───────────────────────────────────────────────────────────────────────────

    def tick(self, now):
        status = self.handle.status(0)
        self.look_for_peers(now, status.num_peers > 0)
        if self.info is not None:
            fresh = [cursor for cursor in self.cursors if now - cursor.touched < CURSOR_SECONDS]
            if len(fresh) < len(self.cursors):
                self.cursors = fresh
                self.plan()
            if self.ready and now - self.settled_at >= SETTLED_SECONDS:
                self.settled_at = now
                self.save()
        told = {
            "state": "metadata" if self.info is None else "ready" if self.ready else "checking",
            "bytes": self.bytes_here(), "followed": self.bytes_of(*self.followed), "peers": status.num_peers, "seeds": status.num_seeds,
            "down": status.download_payload_rate, "up": status.upload_payload_rate,
            "downloaded": status.total_payload_download, "problem": self.problem or self.lack_of_peers(status),
        }
        if told != self.last_status:
            self.last_status = told
            self.engine.out.send("status", torrent=self.key, **told)

    def look_for_peers(self, now, has_peers):
        """Asks trackers again while somebody waits and there is no peer: the next time they would be asked by themselves may be half an hour away."""
        if has_peers:
            self.lonely_seconds = FIRST_LONELY_SECONDS
        if has_peers or not (self.info is None or self.waiting):
            self.lonely_since = None
        elif self.lonely_since is None:
            self.lonely_since = now
        elif now - self.lonely_since >= self.lonely_seconds:
            self.lonely_since = now
            self.lonely_seconds = min(2 * self.lonely_seconds, LONGEST_LONELY_SECONDS)
            self.handle.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)
            if self.engine.dht:
                self.handle.force_dht_announce()

    def lack_of_peers(self, status):
        if self.has_refused_peers and not status.num_peers:
            return "Peers were found that may not be asked: their addresses are not public."
        return None

    def bytes_here(self):
        if self.info is None:
            return 0
        whole = sum(self.have) * self.info.piece_length()
        last = len(self.have) - 1
        return whole - (self.info.piece_length() - self.info.piece_size(last) if self.have[last] else 0)

    def save(self):
        """Keeps which pieces are here, for the engine after this one, once they are most likely in the file."""
        if self.settled != self.saved:
            part = os.path.join(self.folder, "have.part")
            try:
                with open(part, "wb") as file:
                    file.write(self.settled)
                os.replace(part, os.path.join(self.folder, "have"))
                self.saved = self.settled
            except OSError:
                pass  # A full disk, say: tried again with the next. Without it an engine after this one looks at what is there.
        self.settled = bytes(self.have)

    def pieces_of_before(self, count):
        try:
            with open(os.path.join(self.folder, "have"), "rb") as file:
                pieces = file.read(count + 1)
        except OSError:
            return []
        return [piece == 1 for piece in pieces] if len(pieces) == count else []


class Engine:
    """All torrents, in one session of libtorrent."""

    def __init__(self, out):
        self.out = out
        self.session = None
        self.torrents = {}  # key → Torrent
        self.by_handle = {}
        self.removing = {}  # handle → id of the command
        self.pieces = collections.OrderedDict()  # (key, piece) → bytes, least recently used first
        self.piece_bytes = 0
        self.dht = False
        self.wake, self.woken = socket.socketpair()
        self.wake.setblocking(False)
        self.woken.setblocking(False)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────

    def configure(self, listen, takesConnections, filter, mostPeers, uploadRate, dht):
        category = lt.alert_category
        self.session = lt.session({
            "alert_mask": category.status | category.error | category.storage | category.piece_progress | category.tracker
            | category.ip_block,
            "alert_queue_size": 20000,
            "user_agent": "Sluice",
            "listen_interfaces": listen,
            "enable_incoming_tcp": takesConnections,
            "enable_incoming_utp": takesConnections,
            "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
            "allow_multiple_connections_per_ip": True,
            "no_connect_privileged_ports": True,
            "apply_ip_filter_to_trackers": True, "ssrf_mitigation": True, "validate_https_trackers": True, "allow_idna": False,
            "connections_limit": mostPeers, "max_peerlist_size": 1000,
            "upload_rate_limit": uploadRate, "ignore_limits_on_local_network": False,
            # A seed stays connected while nothing of it is wanted: the next read comes.
            "close_redundant_connections": False,
            # uTP stands back for whatever else is sent; what a viewer waits for must not.
            "enable_outgoing_utp": False,
            "min_reconnect_time": 2, "max_failcount": 20, "peer_connect_timeout": 7,
            "announce_to_all_trackers": True, "announce_to_all_tiers": True, "stop_tracker_timeout": 1,
            "max_metadata_size": 8 << 20, "aio_threads": 2, "hashing_threads": 1, "file_pool_size": 16,
        })
        rules = lt.ip_filter()
        for rule in filter:
            rules.add_rule(rule["first"], rule["last"], 1 if rule["isRefused"] else 0)
        self.session.set_ip_filter(rules)
        self.dht = dht
        if dht:
            self.session.apply_settings({"enable_dht": True})
        self.session.set_alert_fd(self.wake.fileno())
        self.out.send("ready", protocol=PROTOCOL, version=lt.__version__)

    def metadata(self, torrent, v1, v2, trackers, folder):
        """Asks peers for what the torrent is. Nothing of it is written: no file is wanted, and no piece asked for."""
        params = self.params(trackers, folder)
        params.info_hashes = lt.info_hash_t(*(
            kind(bytes.fromhex(text)) for kind, text in ((lt.sha1_hash, v1), (lt.sha256_hash, v2)) if text))
        params.flags |= lt.torrent_flags.upload_mode | lt.torrent_flags.default_dont_download
        self.add(Torrent(self, torrent, folder), params)

    def open(self, torrent, info, layers, trackers, folder, position=0, length=0):
        """Reads from it from here on. What the search for its metadata found is forgotten, but for the peers."""
        layers = b"12:piece layers" + base64.b64decode(layers) if layers else b""
        description = lt.torrent_info(b"d4:info" + base64.b64decode(info) + layers + b"e")
        found = self.torrents.pop(torrent, None)
        known = self.forget(found) if found else []
        params = self.params(trackers, folder)
        params.ti = description
        params.peers = known
        # Names are the server's: those of the torrent are text for people.
        params.renamed_files = {index: "f%d" % index for index in range(description.num_files())}
        params.piece_priorities = [NEVER] * description.num_pieces()
        opened = Torrent(self, torrent, folder)
        opened.info = description
        opened.followed = (position, length)
        opened.have = bytearray(description.num_pieces())
        params.have_pieces = opened.pieces_of_before(description.num_pieces())
        opened.unproven = {piece for piece, here in enumerate(params.have_pieces) if here}
        self.add(opened, params)

    def params(self, trackers, folder):
        flags = lt.torrent_flags
        params = lt.add_torrent_params()
        params.save_path = folder
        params.trackers = trackers
        params.tracker_tiers = [0] * len(trackers)
        params.flags = flags.apply_ip_filter | flags.duplicate_is_error | flags.disable_lsd
        if not self.dht:
            params.flags |= flags.disable_dht
        return params

    def add(self, torrent, params):
        torrent.handle = self.session.add_torrent(params)
        self.torrents[torrent.key] = torrent
        self.by_handle[torrent.handle] = torrent

    def forget(self, torrent):
        known = [peer.ip for peer in torrent.handle.get_peer_info()]
        del self.by_handle[torrent.handle]
        self.session.remove_torrent(torrent.handle)
        return known

    def fail(self, key, reason):
        """It cannot be had. Nothing of it stays here: its handle is asked for nothing any more."""
        gone = self.torrents.pop(key, None)
        if gone is not None:
            gone.close()
            self.by_handle.pop(gone.handle, None)
            if gone.handle.is_valid():
                self.session.remove_torrent(gone.handle)
        self.out.send("failed", torrent=key, reason=reason)

    def read(self, id, torrent, position, length, until):
        self.torrents[torrent].read(id, position, length, until)

    def keep(self, id, torrent, position, length):
        self.torrents[torrent].keep(id, position, length)

    def follow(self, id, torrent, position, length):
        self.torrents[torrent].followed = (position, length)
        self.out.send("data", id=id)

    def cancel(self, id, torrent):
        if torrent in self.torrents:
            self.torrents[torrent].cancel(id)

    def remove(self, id, torrent):
        gone = self.torrents.pop(torrent, None)
        if gone is None:
            self.out.send("data", id=id)
            return
        gone.close()
        del self.by_handle[gone.handle]
        for key in [key for key in self.pieces if key[0] == torrent]:
            self.piece_bytes -= len(self.pieces.pop(key))
        self.removing[gone.handle] = id
        self.session.remove_torrent(gone.handle, lt.session.delete_files)

    COMMANDS = {"configure", "metadata", "open", "read", "keep", "follow", "cancel", "remove"}

    def obey(self, line):
        command = json.loads(line)
        operation = command.pop("op")
        if operation not in self.COMMANDS:
            raise ValueError("no such command: " + operation)
        try:
            getattr(self, operation)(**command)
        except Exception as fault:  # Whatever is wrong with one torrent, the others go on.
            reason = "The torrent engine cannot do that: %s" % fault
            if "id" in command:
                self.out.send("refused", id=command["id"], reason=reason)
            elif "torrent" in command:
                self.fail(command["torrent"], reason)
            else:
                raise

    # ── pieces in memory ──────────────────────────────────────────────────────────────────────────────────────────

    def cached(self, key, piece):
        data = self.pieces.get((key, piece))
        if data is not None:
            self.pieces.move_to_end((key, piece))
        return data

    def cache(self, key, piece, data):
        self.piece_bytes -= len(self.pieces.pop((key, piece), b""))
        self.pieces[key, piece] = data
        self.piece_bytes += len(data)
        while self.piece_bytes > CACHE_BYTES and len(self.pieces) > 1:
            self.piece_bytes -= len(self.pieces.popitem(last=False)[1])

    # ── alerts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def hear(self):
        for alert in self.session.pop_alerts():
            if isinstance(alert, (lt.torrent_deleted_alert, lt.torrent_delete_failed_alert)):
                self.gone(alert)
            elif hasattr(alert, "handle") and alert.handle in self.by_handle:
                self.hear_of(self.by_handle[alert.handle], alert)

    def gone(self, alert):
        request = self.removing.pop(alert.handle, None)
        if request is not None:
            self.out.send("data", id=request)

    def hear_of(self, torrent, alert):
        if isinstance(alert, lt.piece_finished_alert):
            torrent.finished(alert.piece_index)
        elif isinstance(alert, lt.read_piece_alert):
            torrent.read_done(alert.piece, alert.buffer, alert.error.message() if alert.error.value() else None)
        elif isinstance(alert, lt.torrent_checked_alert):
            if torrent.info is not None:
                torrent.checked()
        elif isinstance(alert, lt.torrent_conflict_alert):
            # Two were looked for that are one, by its hash of version 1 and of version 2. Neither goes on here: the server says which does.
            if torrent.info is None:
                self.out.send("metadata", alert.metadata.info_section(), torrent=torrent.key)
        elif isinstance(alert, lt.metadata_received_alert):
            if torrent.info is None:
                self.out.send("metadata", torrent.handle.torrent_file().info_section(), torrent=torrent.key)
        elif isinstance(alert, lt.file_error_alert):
            torrent.disk_failed("The disk refuses what is downloaded: " + alert.error.message())
        elif isinstance(alert, lt.torrent_error_alert):
            torrent.disk_failed("The torrent has stopped: " + alert.error.message())
        elif isinstance(alert, lt.tracker_error_alert):
            torrent.problem = "A tracker does not answer: " + alert.error.message()
        elif isinstance(alert, lt.tracker_reply_alert):
            torrent.problem = None
        elif isinstance(alert, lt.peer_blocked_alert):
            torrent.has_refused_peers = True

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, source):
        os.set_blocking(source, False)
        selector = selectors.DefaultSelector()
        selector.register(source, selectors.EVENT_READ)
        selector.register(self.woken, selectors.EVENT_READ)
        pending = bytearray()
        next_tick = time.monotonic()
        while True:
            for key, _ in selector.select(max(0, next_tick - time.monotonic())):
                if key.fileobj is self.woken:
                    self.woken.recv(READ_BYTES)
                    continue
                data = os.read(source, READ_BYTES)
                if not data or len(pending) > LONGEST_LINE:
                    return
                pending += data
                if b"\n" in data:
                    *lines, rest = bytes(pending).split(b"\n")
                    pending = bytearray(rest)
                    for line in lines:
                        self.obey(line)
            if self.session is not None:
                self.hear()
            now = time.monotonic()
            if now >= next_tick:
                next_tick = now + TICK_SECONDS
                self.tick(now)

    def tick(self, now):
        for torrent in list(self.torrents.values()):
            try:
                torrent.tick(now)
            except RuntimeError as fault:  # Of libtorrent: its handle is none any more.
                self.fail(torrent.key, "The torrent engine has lost the torrent: %s" % fault)
        self.out.send("alive")


def main():
    out = os.dup(1)
    os.dup2(2, 1)  # Whatever prints does not get between the frames.
    try:
        Engine(Output(out)).run(0)
    except BrokenPipeError:
        pass  # The server is gone.


main()
