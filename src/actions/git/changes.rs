//! What a commit or a range of commits changes: by the index and the objects
//! of the repository, never by the work tree or anybody's flags. Texts are
//! read from git's own object store, bounded in size and number. Formats from
//! git-diff-index(1), git-diff-tree(1) and git-cat-file(1) of git 2.47.3.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::Here;
use super::lookup::failed;
use crate::actions::Call;
use crate::findings::{Change, is_pressing};

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 2 << 20;

/// The most bytes of one answer of git's.
const MAX_BATCH: usize = 12 << 20;

/// The most bytes of all files together.
const MAX_ALL: usize = 64 << 20;

/// The most files of a change.
const MAX_FILES: usize = 20_000;

/// The most commits of a range that are looked at one by one.
const MAX_COMMITS: usize = 500;

/// In front of each question: the objects as they are, and not those that
/// `git replace` shows in their place, for it is the former that are
/// committed.
const PLAIN: &str = "--no-replace-objects";

/// How many files git compares for renames.
const RENAMES: &str = "-l400";

/// How much of a file is looked at for a zero byte, as git does.
const BINARY_LOOK: usize = 8000;

/// A change to several files.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The files.
    pub files: Vec<Change>,
    /// What it is known by: the same for the same files before and after.
    pub digest: String,
    /// How many files more there are than are looked at.
    pub left_out: usize,
}

/// A commit of a range.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Its message.
    pub message: String,
    /// Its files.
    pub files: Vec<Change>,
}

/// The commits between a base and HEAD.
#[derive(Clone, Debug, Default)]
pub struct Range {
    /// Where they leave the base.
    pub base: String,
    /// The last one.
    pub head: String,
    /// What all of them together change.
    pub whole: Changes,
    /// Each by itself, the newest first; merges have no files.
    pub commits: Vec<Commit>,
    /// Whether there are more commits than were looked at one by one.
    pub more: bool,
}

/// A line of git's raw format.
#[derive(Clone, Debug)]
struct Entry {
    old: Option<String>,
    new: Option<String>,
    old_path: String,
    path: String,
}

/// What the next commit changes: the index against HEAD. In a merge, only what
/// is as on no side of it.
///
/// # Errors
/// A clause that says why git did not tell.
pub fn staged(call: &Call<'_>) -> Result<Changes, String> {
    let here = Here::of_hook(call).ok_or("this is no git repository")?;
    let mut entries = parse(&here.staged_against("HEAD", true)?);
    for head in here.merged() {
        let other = parse(&here.staged_against(&head, false)?);
        let differs: BTreeSet<String> = other.into_iter().map(|entry| entry.path).collect();
        entries.retain(|entry| differs.contains(&entry.path));
    }
    here.texts(entries)
}

/// What the commits behind `base` change up to HEAD.
///
/// # Errors
/// A clause that says why git did not tell.
pub fn range(call: &Call<'_>, base: &str) -> Result<Range, String> {
    let here = Here::of_hook(call).ok_or("this is no git repository")?;
    let one = |words: &[&str], why: String| {
        let answer = here.ask(words, &[])?;
        let text = String::from_utf8_lossy(&answer.out);
        let id = text.lines().next().unwrap_or_default().trim().to_owned();
        if answer.status == 0 && is_id(&id) { Ok(id) } else { Err(why) }
    };
    let tip = format!("{base}^{{commit}}");
    let tip = one(
        &["rev-parse", "-q", "--verify", "--end-of-options", &tip],
        format!("`{}` is no commit of this repository", crate::text::visible(base, 80)),
    )?;
    let head =
        one(&["rev-parse", "-q", "--verify", "HEAD^{commit}"], "there is no commit yet".into())?;
    let base = one(
        &["merge-base", &tip, &head],
        "the base and HEAD have no commit in common here: fetch more of the history".to_owned(),
    )?;
    let words =
        [PLAIN, "diff-tree", "-r", "--raw", "-z", "-M", RENAMES, "--no-ext-diff", &base, &head];
    let answer = here.ask(&words, &[])?;
    if answer.status != 0 {
        return Err(failed("diff-tree", &answer));
    }
    let whole = here.texts(parse(&answer.out))?;
    let (commits, more) = here.commits(&base, &head)?;
    Ok(Range { base, head, whole, commits, more })
}

fn is_id(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Here<'_> {
    /// The index against a commit, in git's raw format.
    fn staged_against(&self, commit: &str, renames: bool) -> Result<Vec<u8>, String> {
        let mut words = vec![PLAIN, "diff-index", "--cached", "--raw", "-z", "--no-ext-diff"];
        words.extend(if renames { &["-M", RENAMES][..] } else { &["--no-renames"] });
        let answer = self.ask(&[&words[..], &[commit, "--"]].concat(), &[])?;
        if answer.status == 0 {
            return Ok(answer.out);
        }
        // Before the first commit, everything is new.
        if commit != "HEAD" || self.is_revision("HEAD")? {
            return Err(failed("diff-index", &answer));
        }
        let tree = self.ask_with(&["hash-object", "-t", "tree", "--stdin"], Vec::new())?;
        let tree = String::from_utf8_lossy(&tree.out).trim().to_owned();
        let answer = self.ask(&[&words[..], &[&tree, "--"]].concat(), &[])?;
        match answer.status {
            0 => Ok(answer.out),
            _ => Err(failed("diff-index", &answer)),
        }
    }

    /// The commits that a merge which is about to be committed brings in.
    fn merged(&self) -> Vec<String> {
        let Some(git_dir) = &self.repository.git_dir else { return Vec::new() };
        let text = self.call.context.read(git_dir.join("MERGE_HEAD"), 4096).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().map(str::trim).filter(|id| is_id(id)).map(str::to_owned).collect()
    }

    /// Each commit of a range with its message and files, and whether there
    /// are more.
    fn commits(&self, base: &str, head: &str) -> Result<(Vec<Commit>, bool), String> {
        let most = format!("--max-count={}", MAX_COMMITS + 1);
        let not = format!("^{base}");
        let answer = self.ask(&[PLAIN, "rev-list", &most, head, &not], &[])?;
        if answer.status != 0 {
            return Err(failed("rev-list", &answer));
        }
        let text = String::from_utf8_lossy(&answer.out).into_owned();
        let mut ids: Vec<String> = text.lines().map(str::to_owned).collect();
        let more = ids.len() > MAX_COMMITS;
        ids.truncate(MAX_COMMITS);
        if ids.is_empty() {
            return Ok((Vec::new(), more));
        }
        let mut messages = self.objects(&ids)?;
        let words = [
            PLAIN,
            "diff-tree",
            "--stdin",
            "--root",
            "-r",
            "--raw",
            "-z",
            "-M",
            RENAMES,
            "--no-ext-diff",
        ];
        let answer = self.ask_with(&words, lines(ids.iter()))?;
        if answer.status != 0 {
            return Err(failed("diff-tree", &answer));
        }
        let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut fields = answer.out.split(|byte| *byte == 0).peekable();
        let mut current = String::new();
        while let Some(field) = fields.next() {
            if field.first() == Some(&b':') {
                let list = entries.entry(current.clone()).or_default();
                list.extend(entry(field, &mut fields));
            } else if !field.is_empty() {
                current = String::from_utf8_lossy(field).trim().to_owned();
            }
        }
        let texts = self.read_all(entries.values().flatten())?;
        let mut commits = Vec::new();
        for id in ids {
            let own = entries.remove(&id).unwrap_or_default();
            let files = own.into_iter().map(|entry| change(entry, &texts)).collect();
            let message = messages.remove(&id).unwrap_or_default();
            let message = String::from_utf8_lossy(&message).into_owned();
            let message = message.split_once("\n\n").map(|(_, text)| text.to_owned());
            commits.push(Commit { id, message: message.unwrap_or_default(), files });
        }
        Ok((commits, more))
    }

    fn texts(&self, mut entries: Vec<Entry>) -> Result<Changes, String> {
        let mut digest = Sha256::new();
        for entry in &entries {
            for id in [&entry.old, &entry.new] {
                digest.update(id.as_deref().unwrap_or("-"));
                digest.update("\0");
            }
            digest.update(format!("{}\0{}\0", entry.old_path, entry.path));
        }
        let digest = format!("{:x}", digest.finalize());
        let left_out = entries.len().saturating_sub(MAX_FILES);
        entries.truncate(MAX_FILES);
        let texts = self.read_all(entries.iter())?;
        let files = entries.into_iter().map(|entry| change(entry, &texts)).collect();
        Ok(Changes { files, digest, left_out })
    }

    /// The contents of the entries' objects, as far as they are read.
    fn read_all<'e>(
        &self,
        entries: impl Iterator<Item = &'e Entry>,
    ) -> Result<BTreeMap<String, Vec<u8>>, String> {
        // Where not all of them can be read, those that matter come first.
        let (mut first, mut rest) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries {
            let pressing = is_pressing(&entry.path) || is_pressing(&entry.old_path);
            let ids = [&entry.old, &entry.new].into_iter().flatten();
            if pressing { first.extend(ids) } else { rest.extend(ids) }
        }
        rest.retain(|id| !first.contains(id));
        let sizes = self.sizes(&first.union(&rest).copied().collect())?;
        let ids = first.into_iter().chain(rest);
        let mut objects = BTreeMap::new();
        let mut batch = Vec::new();
        let (mut bytes, mut all) = (0, 0);
        for id in ids {
            let Some(size) = sizes.get(id.as_str()).copied() else { continue };
            if size > MAX_FILE || all + size > MAX_ALL {
                continue;
            }
            if bytes + size > MAX_BATCH {
                objects.extend(self.objects(&std::mem::take(&mut batch))?);
                bytes = 0;
            }
            bytes += size + 100;
            all += size;
            batch.push(id.clone());
        }
        objects.extend(self.objects(&batch)?);
        Ok(objects)
    }

    /// The sizes of objects.
    fn sizes(&self, ids: &BTreeSet<&String>) -> Result<BTreeMap<String, usize>, String> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answer =
            self.ask_with(&[PLAIN, "cat-file", "--batch-check"], lines(ids.iter().copied()))?;
        if answer.status != 0 {
            return Err(failed("cat-file", &answer));
        }
        let text = String::from_utf8_lossy(&answer.out).into_owned();
        let line = |line: &str| {
            let mut fields = line.split(' ');
            let (id, _kind, size) = (fields.next()?, fields.next()?, fields.next()?);
            Some((id.to_owned(), size.parse().ok()?))
        };
        Ok(text.lines().filter_map(line).collect())
    }

    /// The contents of objects; one that is not here is left out.
    fn objects(&self, ids: &[String]) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let mut found = BTreeMap::new();
        if ids.is_empty() {
            return Ok(found);
        }
        let answer = self.ask_with(&[PLAIN, "cat-file", "--batch"], lines(ids.iter()))?;
        if answer.status != 0 {
            return Err(failed("cat-file", &answer));
        }
        let mut rest = answer.out.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            rest = rest.get(end + 1..).unwrap_or_default();
            let fields: Vec<&str> = head.split(' ').collect();
            let [id, _kind, size] = fields.as_slice() else { continue };
            let Ok(size) = size.parse::<usize>() else { continue };
            let Some(body) = rest.get(..size) else { break };
            found.insert((*id).to_owned(), body.to_vec());
            rest = rest.get(size + 1..).unwrap_or_default();
        }
        Ok(found)
    }
}

/// An entry with its texts.
fn change(entry: Entry, objects: &BTreeMap<String, Vec<u8>>) -> Change {
    let text = |id: &Option<String>| {
        let bytes = objects.get(id.as_ref()?)?;
        let binary = bytes.iter().take(BINARY_LOOK).any(|byte| *byte == 0);
        (!binary).then(|| String::from_utf8_lossy(bytes).into_owned())
    };
    Change {
        before: text(&entry.old),
        after: text(&entry.new),
        unread: entry.new.as_ref().is_some_and(|id| !objects.contains_key(id)),
        old_path: entry.old_path,
        path: entry.path,
    }
}

fn lines<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<u8> {
    ids.flat_map(|id| [id.as_bytes(), b"\n"]).flatten().copied().collect()
}

/// The entries of an answer in git's raw format, zero bytes between fields.
fn parse(raw: &[u8]) -> Vec<Entry> {
    let mut fields = raw.split(|byte| *byte == 0);
    let mut out = Vec::new();
    while let Some(field) = fields.next() {
        if field.first() == Some(&b':') {
            out.extend(entry(field, &mut fields));
        }
    }
    out
}

/// One entry: `:100644 100644 ID ID M`, and the path or, for a rename or copy,
/// both.
fn entry<'a>(head: &[u8], rest: &mut impl Iterator<Item = &'a [u8]>) -> Option<Entry> {
    let head = String::from_utf8_lossy(head.get(1..)?).into_owned();
    let fields: Vec<&str> = head.split(' ').collect();
    let [old_mode, new_mode, old, new, status] = fields.as_slice() else { return None };
    let text = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let first = text(rest.next()?);
    let (old_path, path) = match status.starts_with(['R', 'C']) {
        true => (first, text(rest.next()?)),
        false => (first.clone(), first),
    };
    // Links and submodules hold no text of their own.
    let blob = |mode: &str, id: &str| {
        (mode.starts_with("100") && id.bytes().any(|byte| byte != b'0')).then(|| id.to_owned())
    };
    let (old, new) = (blob(old_mode, old), blob(new_mode, new));
    // A copy takes nothing away from what it is made of.
    let old_path = if status.starts_with('C') { path.clone() } else { old_path };
    let old = if status.starts_with('C') { None } else { old };
    (!status.starts_with('U')).then_some(Entry { old, new, old_path, path })
}
