//! Folders in lists, and putting things into them.

mod list;
mod place;

pub(crate) use list::{FolderFilter, FolderName, Folders};
pub(crate) use place::{FolderDialog, MoveDialog, MovePanel};

use domain::sharing::Folder;

/// The name of a folder with those it lies in, as far as they are seen.
pub(crate) fn path_of(folders: &[Folder], id: &str) -> String {
    let mut names = Vec::new();
    let mut next = Some(id.to_owned());
    while let Some(folder) = next.and_then(|id| folders.iter().find(|folder| folder.id == id)) {
        names.push(folder.name.as_str());
        // The server refuses a circle; whatever a list says, this ends.
        next = folder.parent_id.clone().filter(|_| names.len() < 20);
    }
    names.reverse();
    names.join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Access;

    #[test]
    fn a_folder_is_named_with_those_above_it() {
        let folder = |id: &str, parent: Option<&str>| Folder {
            id: id.into(),
            name: id.to_uppercase(),
            parent_id: parent.map(str::to_owned),
            owner_name: String::new(),
            access: Access::View,
            is_public: false,
        };
        let all = [folder("a", None), folder("b", Some("a")), folder("c", Some("hidden"))];
        assert_eq!(path_of(&all, "b"), "A / B");
        assert_eq!(path_of(&all, "c"), "C");
        assert_eq!(path_of(&all, "gone"), "");
    }
}
