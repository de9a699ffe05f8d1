using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>The schema as a list of steps. Steps are only ever added at the end; <c>PRAGMA user_version</c> counts those done.</summary>
internal static class SqliteMigrations
{
    // Times are microseconds since 1970 (UTC): what PostgreSQL keeps too, so both catalogs round-trip the same values.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE assets (
          id                  TEXT PRIMARY KEY,
          title               TEXT NOT NULL,
          file_name           TEXT NOT NULL,
          state               TEXT NOT NULL,
          reason              TEXT,
          origin              TEXT NOT NULL,
          size_bytes          INTEGER NOT NULL,
          duration_seconds    REAL NOT NULL,
          version             TEXT NOT NULL,
          tracks              TEXT NOT NULL,
          created_at          INTEGER NOT NULL,
          updated_at          INTEGER NOT NULL,
          expires_at          INTEGER,
          expiry_minutes      INTEGER,
          tokens_refreshed_at INTEGER,
          epoch               INTEGER NOT NULL,
          admin_key_hash      BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX assets_by_age ON assets (created_at DESC, id DESC);
        CREATE INDEX assets_by_expiry ON assets (expires_at) WHERE expires_at IS NOT NULL;
        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """,

        // Work. tasks.id grows and is never used again, so it is also the order of age. The partial indexes hold only
        // what is still to be done: finding work costs the same however much was ever done.
        $"""
        ALTER TABLE assets ADD COLUMN renditions TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE assets ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE jobs (
          id          TEXT PRIMARY KEY,
          asset       TEXT NOT NULL,
          kind        TEXT NOT NULL,
          state       TEXT NOT NULL,
          progress    REAL,
          reason      TEXT,
          log         TEXT,
          created_at  INTEGER NOT NULL,
          updated_at  INTEGER NOT NULL,
          finished_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX jobs_by_age ON jobs (created_at DESC, id DESC);
        CREATE INDEX jobs_by_asset ON jobs (asset, created_at DESC, id DESC);
        CREATE TABLE tasks (
          id          INTEGER PRIMARY KEY AUTOINCREMENT,
          job         TEXT NOT NULL,
          asset       TEXT NOT NULL,
          kind        TEXT NOT NULL,
          urgency     INTEGER NOT NULL,
          first_chunk INTEGER NOT NULL,
          end_chunk   INTEGER NOT NULL,
          renditions  TEXT NOT NULL,
          state       TEXT NOT NULL,
          attempts    INTEGER NOT NULL DEFAULT 0,
          failures    INTEGER NOT NULL DEFAULT 0,
          not_before  INTEGER NOT NULL,
          fence       INTEGER NOT NULL DEFAULT 0,
          owner       TEXT,
          lease_until INTEGER,
          reason      TEXT,
          log         TEXT
        );
        CREATE INDEX tasks_by_job ON tasks (job, state);
        CREATE INDEX tasks_by_asset ON tasks (asset);
        CREATE INDEX tasks_by_fence ON tasks (fence);
        CREATE INDEX tasks_open ON tasks (urgency DESC, id) WHERE state IN ('{StateNames.Queued}', '{StateNames.Running}');
        CREATE TABLE chunks (
          asset          TEXT NOT NULL,
          rendition      TEXT NOT NULL,
          number         INTEGER NOT NULL,
          maker          INTEGER NOT NULL,
          size_bytes     INTEGER NOT NULL,
          head_bytes     INTEGER NOT NULL,
          sha256         BLOB NOT NULL,
          is_placeholder INTEGER NOT NULL,
          PRIMARY KEY (asset, rendition, number)
        ) WITHOUT ROWID;
        """,

        // Poster, storyboard, subtitles; NULL for none of them.
        """
        ALTER TABLE assets ADD COLUMN extras TEXT;
        """,

        // Uploads that come in pieces. A row without its file is an upload that begins again at its first byte.
        """
        CREATE TABLE uploads (
          number       INTEGER PRIMARY KEY AUTOINCREMENT,
          id           TEXT NOT NULL UNIQUE,
          length_bytes INTEGER NOT NULL,
          offset_bytes INTEGER NOT NULL,
          chunk_count  INTEGER NOT NULL,
          is_partial   INTEGER NOT NULL,
          parts        TEXT NOT NULL,
          metadata     TEXT NOT NULL,
          owner_hash   BLOB,
          created_at   INTEGER NOT NULL,
          updated_at   INTEGER NOT NULL,
          expires_at   INTEGER NOT NULL,
          asset        TEXT,
          reason       TEXT
        );
        CREATE INDEX uploads_by_expiry ON uploads (expires_at);
        CREATE INDEX uploads_open ON uploads (number) WHERE asset IS NULL AND reason IS NULL;
        CREATE INDEX uploads_in_chunks ON uploads (number) WHERE chunk_count > 0;
        """,

        // What a title's file is, by its bytes; NULL for titles from before.
        """
        ALTER TABLE assets ADD COLUMN sha256 BLOB;
        CREATE INDEX assets_by_content ON assets (sha256) WHERE sha256 IS NOT NULL;
        """,

        // Files that the server fetches by itself. A row that has ended is history, and goes after a while.
        """
        CREATE TABLE imports (
          id             TEXT PRIMARY KEY,
          kind           TEXT NOT NULL,
          source         TEXT NOT NULL,
          shown          TEXT NOT NULL,
          title          TEXT,
          expiry_minutes INTEGER,
          state          TEXT NOT NULL,
          file_name      TEXT,
          bytes          INTEGER NOT NULL,
          total_bytes    INTEGER,
          validator      TEXT,
          reason         TEXT,
          created_at     INTEGER NOT NULL,
          updated_at     INTEGER NOT NULL,
          finished_at    INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX imports_by_age ON imports (created_at DESC, id DESC);
        CREATE INDEX imports_by_source ON imports (kind, source, created_at DESC);
        CREATE UNIQUE INDEX imports_open ON imports (kind, source) WHERE finished_at IS NULL;
        """,

        // Channels that were made by the API.
        """
        CREATE TABLE channels (
          name       TEXT PRIMARY KEY,
          settings   TEXT NOT NULL,
          epoch      INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,

        // Titles that exist for a session alone; NULL for those of the library.
        """
        ALTER TABLE assets ADD COLUMN owner TEXT;
        CREATE INDEX assets_owned ON assets (id) WHERE owner IS NOT NULL;
        """,

        // Whose pages may play a title (NULL: as the configuration says), what its segments are encrypted with (NULL: they are not), and views of links
        // that have a number of them.
        """
        ALTER TABLE assets ADD COLUMN allowed_origins TEXT;
        ALTER TABLE assets ADD COLUMN segment_secret BLOB;
        CREATE TABLE views (
          link     TEXT NOT NULL,
          id       TEXT NOT NULL,
          asset    TEXT NOT NULL,
          client   TEXT NOT NULL,
          begun_at INTEGER NOT NULL,
          ends_at  INTEGER NOT NULL,
          PRIMARY KEY (link, id)
        ) WITHOUT ROWID;
        CREATE INDEX views_by_end ON views (ends_at);
        CREATE INDEX views_by_asset ON views (asset);
        """,

        // Where titles were published to. A row goes when the title is unpublished there, or with its title.
        """
        CREATE TABLE publications (
          asset        TEXT NOT NULL,
          target       TEXT NOT NULL,
          form         TEXT NOT NULL,
          name         TEXT NOT NULL,
          job          TEXT NOT NULL,
          bytes        INTEGER NOT NULL,
          note         TEXT,
          created_at   INTEGER NOT NULL,
          published_at INTEGER,
          PRIMARY KEY (asset, target)
        ) WITHOUT ROWID;
        CREATE INDEX publications_by_job ON publications (job);
        """,

        // A view is that of a program at a few addresses, and goes on while it is in use.
        """
        ALTER TABLE views RENAME COLUMN client TO program;
        ALTER TABLE views RENAME COLUMN begun_at TO used_at;
        ALTER TABLE views ADD COLUMN addresses TEXT NOT NULL DEFAULT '';
        CREATE INDEX views_by_program ON views (link, program);
        """,

        // What the library is searched and sorted by. The first index holds all that a search looks at, so it reads no rows that it does not answer.
        """
        ALTER TABLE assets ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
        ALTER TABLE assets ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
        UPDATE assets SET title_key = key_of_title(title), search_text = key_of_text(title, file_name);
        CREATE INDEX library_by_age ON assets (created_at, id, state, search_text) WHERE owner IS NULL;
        CREATE INDEX library_by_title ON assets (title_key, id) WHERE owner IS NULL;
        CREATE INDEX library_by_length ON assets (duration_seconds, id) WHERE owner IS NULL;
        CREATE INDEX library_by_size ON assets (size_bytes, id) WHERE owner IS NULL;
        """,

        // What was done with keys and links.
        """
        CREATE TABLE audit (
          number  INTEGER PRIMARY KEY AUTOINCREMENT,
          at      INTEGER NOT NULL,
          action  TEXT NOT NULL,
          subject TEXT,
          actor   TEXT NOT NULL,
          client  TEXT
        );
        """,

        // How playbacks went, as their players told.
        """
        CREATE TABLE playbacks (
          number          INTEGER PRIMARY KEY AUTOINCREMENT,
          asset           TEXT NOT NULL,
          at              INTEGER NOT NULL,
          kind            TEXT NOT NULL,
          startup_ms      INTEGER,
          watched_seconds INTEGER NOT NULL,
          stalls          INTEGER NOT NULL,
          stalled_ms      INTEGER NOT NULL,
          switches        INTEGER NOT NULL,
          dropped_frames  INTEGER NOT NULL,
          error           TEXT
        );
        CREATE INDEX playbacks_by_asset ON playbacks (asset, number);
        """,

        // How much there is in the library: counting a million rows takes longer than listing some of them.
        """
        CREATE TABLE library_counts (
          state  TEXT PRIMARY KEY,
          titles INTEGER NOT NULL,
          bytes  INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO library_counts SELECT state, count(*), sum(size_bytes) FROM assets WHERE owner IS NULL GROUP BY state;
        CREATE TRIGGER library_gains AFTER INSERT ON assets WHEN NEW.owner IS NULL BEGIN
          INSERT INTO library_counts VALUES (NEW.state, 1, NEW.size_bytes)
            ON CONFLICT (state) DO UPDATE SET titles = titles + 1, bytes = bytes + excluded.bytes;
        END;
        CREATE TRIGGER library_loses AFTER DELETE ON assets WHEN OLD.owner IS NULL BEGIN
          UPDATE library_counts SET titles = titles - 1, bytes = bytes - OLD.size_bytes WHERE state = OLD.state;
        END;
        CREATE TRIGGER library_changes AFTER UPDATE ON assets
          WHEN (OLD.state, OLD.size_bytes, OLD.owner IS NULL) <> (NEW.state, NEW.size_bytes, NEW.owner IS NULL) BEGIN
          UPDATE library_counts SET titles = titles - 1, bytes = bytes - OLD.size_bytes WHERE state = OLD.state AND OLD.owner IS NULL;
          INSERT INTO library_counts SELECT NEW.state, 1, NEW.size_bytes WHERE NEW.owner IS NULL
            ON CONFLICT (state) DO UPDATE SET titles = titles + 1, bytes = bytes + excluded.bytes;
        END;
        """,

        // What one of several servers has at a time. A file has one server, which finds its own here after it was killed.
        """
        CREATE TABLE holds (
          name    TEXT PRIMARY KEY,
          owner   TEXT NOT NULL,
          address TEXT,
          until   INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,

        // Sessions that several servers know of. A file has one server, which keeps its own in memory.
        """
        CREATE TABLE sessions (
          id         TEXT PRIMARY KEY,
          source     TEXT UNIQUE,
          owner      TEXT NOT NULL,
          state      TEXT NOT NULL,
          shown      TEXT NOT NULL,
          plays      TEXT,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sessions_by_play ON sessions (plays);
        """,

        // Tasks of paused jobs are left out of what is looked through for the next one: thousands of them may stand at its head. The row of the job decides,
        // as before; this one only says where looking is in vain.
        $"""
        ALTER TABLE tasks ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
        UPDATE tasks SET paused = 1 WHERE job IN (SELECT id FROM jobs WHERE state = '{StateNames.Paused}');
        CREATE INDEX tasks_ready ON tasks (urgency DESC, id) WHERE state IN ('{StateNames.Queued}', '{StateNames.Running}') AND paused = 0;
        CREATE INDEX tasks_due ON tasks (urgency, (CASE state WHEN '{StateNames.Queued}' THEN not_before ELSE lease_until END))
          WHERE state IN ('{StateNames.Queued}', '{StateNames.Running}') AND paused = 0;
        CREATE TRIGGER jobs_pause AFTER UPDATE OF state ON jobs WHEN (OLD.state = '{StateNames.Paused}') <> (NEW.state = '{StateNames.Paused}') BEGIN
          UPDATE tasks SET paused = NEW.state = '{StateNames.Paused}' WHERE job = NEW.id;
        END;
        """,

        // Which bytes of an upload lie where all servers reach them; none, where there is one server.
        """
        ALTER TABLE uploads ADD COLUMN pieces TEXT NOT NULL DEFAULT '';
        """,

        // Where several servers encode, titles are looked at once more when their encoding has ended.
        $"""
        CREATE INDEX jobs_encoded ON jobs (finished_at) WHERE kind = '{StateNames.Encode}' AND finished_at IS NOT NULL;
        """,
    ];

    /// <summary>Runs the steps that this file has not seen, each in its own transaction.</summary>
    /// <exception cref="NewerSchemaException">A newer Sluice wrote the file.</exception>
    public static void Run(SqliteConnection connection)
    {
        var done = UserVersion(connection);
        if (done > Steps.Length)
        {
            throw new NewerSchemaException(done, Steps.Length);
        }

        connection.CreateFunction("key_of_title", (string title) => LibraryKey.OfTitle(title), isDeterministic: true);
        connection.CreateFunction("key_of_text", (string title, string fileName) => LibraryKey.OfText(title, fileName), isDeterministic: true);
        for (var step = done; step < Steps.Length; step++)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            using var command = connection.CreateCommand();
            command.Transaction = transaction;

            // Another process may have run this step while we waited for the lock.
            if (UserVersion(connection, transaction) > step)
            {
                continue;
            }

#pragma warning disable CA2100 // Both parts are our own constants; PRAGMA takes no parameters.
            command.CommandText = $"{Steps[step]} PRAGMA user_version = {step + 1};";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    private static int UserVersion(SqliteConnection connection, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), null);
    }
}
