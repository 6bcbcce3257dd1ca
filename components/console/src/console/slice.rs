//! A part of a list of the API.

/// The objects on a page, and whether there are more.
#[derive(Debug)]
pub(crate) struct Slice<T> {
    pub(crate) items: Vec<T>,
    is_last: bool,
}

impl<T> Slice<T> {
    /// Takes the first `size` of the objects. The page has asked for one more, which shows whether there is another page.
    pub(crate) fn of(mut items: Vec<T>, size: usize) -> Self {
        let is_last = items.len() <= size;
        items.truncate(size);
        Self { items, is_last }
    }

    /// The last object of the page, after which the next page begins. `None` if this is the last page.
    pub(crate) fn next(&self) -> Option<&T> {
        self.items.last().filter(|_| !self.is_last)
    }

    /// The number of objects to ask for.
    pub(crate) const fn ask(size: usize) -> usize {
        size + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_a_page_shows_means_that_there_is_another_page() {
        for (found, shown, is_last) in [(0, 0, true), (2, 2, true), (3, 2, false)] {
            let slice = Slice::of(vec![(); found], 2);
            assert_eq!((slice.items.len(), slice.is_last), (shown, is_last), "{found}");
        }
        assert_eq!(Slice::<()>::ask(2), 3);
    }
}
