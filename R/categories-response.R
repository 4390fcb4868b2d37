# The response side of a model of categories: the class of each row, or the counts of each class.

read_categories <- function(frame, family, threads = NULL) {
  column <- attr(attr(frame, "terms"), "response")
  if (column == 0) stop_glmpp("response", "`formula` must have a response.", i = "Write it as `y ~ x`.")
  y <- .subset2(frame, column)
  name <- names(frame)[column]
  response <- if (is.matrix(y)) count_response(y, family, name) else class_response(y, family, name)
  response$rows <- nrow(frame)
  response$names <- as.character(attr(frame, "row.names"))
  response$threads <- threads
  response$weights <- check_weights(model.weights(frame), nrow(frame), threads)
  response$family <- family
  warn_empty_classes(c(response$empty, attr(frame, "unused_levels")[[name]]), name)
  response$totals <- class_totals(response)
  refuse_unweighted_classes(response, name)
  response$baseline <- find_baseline(family, response$classes)
  response$offset <- check_category_offset(model.offset(frame), response)
  response
}

class_response <- function(y, family, name) {
  is_category <- is.factor(y) || (!is_ordinal(family) && (is.character(y) || is.logical(y)))
  if (!is_category) stop_no_categories(y, family, name)
  if (!is.factor(y)) y <- factor(y)
  if (nlevels(y) < 2) {
    stop_glmpp("response", sprintf("The response `%s` must have two classes or more.", name),
               x = sprintf("All its values are %s.", dQuote(levels(y), FALSE)))
  }
  list(classes = levels(y), codes = as.integer(y), counts = NULL)
}

stop_no_categories <- function(y, family, name) {
  wanted <- if (is_ordinal(family)) "a factor" else "a factor, text, or a matrix of counts"
  stop_glmpp("response", sprintf("The response `%s` must be %s for the %s family.", name, wanted, family$family),
             x = sprintf("It is %s.", describe_type(y)),
             i = if (!is_ordinal(family)) sprintf("If its values are classes, write `factor(%s) ~ ...`.", name)
                 else sprintf("Write `ordered(%s%s) ~ ...`.", name, if (is.character(y)) ", levels = c(...)" else ""))
}

count_response <- function(y, family, name) {
  if (is_ordinal(family) || !is.numeric(y)) stop_no_categories(y, family, name)
  if (ncol(y) < 2) {
    stop_glmpp("response", sprintf("The counts in `%s` must have a column for each of two classes or more.", name))
  }
  bad <- which(rowSums(!(is.finite(y) & y >= 0)) > 0)
  if (length(bad)) {
    stop_glmpp("response", sprintf("The counts in `%s` must be finite and non-negative.", name),
               x = sprintf("%s: (%s).", rows_text(bad), comma(format(y[bad[1], ]))))
  }
  classes <- colnames(y) %||% as.character(seq_len(ncol(y)))
  storage.mode(y) <- "double"
  left <- colSums(y) > 0
  list(classes = classes[left], codes = NULL, counts = structure(y[, left, drop = FALSE], dimnames = list(NULL, classes[left])),
       empty = classes[!left])
}

warn_empty_classes <- function(empty, name) {
  if (!length(empty)) return(invisible())
  warn_glmpp("classes", sprintf("%s of the response `%s` %s without observations and left out.",
                                if (length(empty) == 1) "A class" else "Classes", name, if (length(empty) == 1) "is" else "are"),
             x = sprintf("%s: %s.", if (length(empty) == 1) "It is" else "They are", comma(dQuote(empty, FALSE))),
             i = "Such a class has no estimate. `droplevels()` silences this warning.")
}

# The weight of each class.
class_totals <- function(response) {
  weights <- full_weights(response)
  if (!is.null(response$counts)) return(colSums(response$counts * weights))
  if (is.null(response$weights)) return(as.double(tabulate(response$codes, length(response$classes))))
  as.vector(rowsum(c(weights, numeric(length(response$classes))), c(response$codes, seq_along(response$classes))))
}

refuse_unweighted_classes <- function(response, name) {
  bad <- response$classes[response$totals == 0]
  if (!length(bad)) return(invisible())
  stop_glmpp("classes", sprintf("Every class of the response `%s` must have a positive weight.", name),
             x = sprintf("All rows of %s have weight 0.", comma(dQuote(bad, FALSE))),
             i = sprintf("Drop its rows: `subset = %s != %s`.", name, dQuote(bad[1], FALSE)))
}

# Its number, 0 for none.
find_baseline <- function(family, classes) {
  baseline <- family$baseline
  if (is.null(baseline)) return(1L)
  if (is.logical(baseline)) return(as.integer(baseline))
  if (baseline %in% classes) return(match(baseline, classes))
  stop_glmpp("response", sprintf("`baseline` must be a class of the response: %s is none.", dQuote(baseline, FALSE)),
             x = sprintf("They are %s.", comma(dQuote(classes, FALSE))))
}

check_category_offset <- function(offset, response) {
  if (is.null(offset)) return(NULL)
  if (is_ordinal(response$family)) return(check_offset(offset, response$rows, response$threads))
  classes <- length(response$classes)
  if (is.null(dim(offset)) && classes == 2 && response$baseline > 0) {
    both <- matrix(0, response$rows, 2)
    both[, -response$baseline] <- check_offset(offset, response$rows, response$threads)
    return(both)
  }
  if (is.numeric(offset) && identical(dim(offset), c(response$rows, classes)) && all(is.finite(offset))) {
    return(matrix(as.double(offset), response$rows))
  }
  stop_glmpp("offset", sprintf("`offset` must be a matrix of finite numbers with a column for each class (%d).", classes),
             x = sprintf("It is %s%s.", describe_type(offset),
                         if (length(dim(offset)) == 2) sprintf(", %d x %d", nrow(offset), ncol(offset)) else ""),
             i = sprintf("The columns are those of %s.", comma(response$classes)),
             i = "One number per row would raise all classes alike, and change nothing.")
}
