# Which rows: `subset` by their numbers, counted over all parts; and what can be said of all rows only.

# A subset that no column is in is evaluated once: row numbers, or a flag for each row.
freeze_subset <- function(model, part) {
  subset <- model$frame_call$subset
  if (is.null(subset) || any(all.vars(subset) %in% names(part))) return(model)
  rows <- tryCatch(eval(subset, environment(model$formula)), error = function(e) stop_frame(e))
  if (is.null(rows) || is.logical(rows) && length(rows) == 1) return(model)
  check_row_numbers(rows, subset, model)
  model$frame_call$subset <- NULL
  model$row_subset <- rows
  model
}

check_row_numbers <- function(rows, subset, model) {
  text <- deparse1(subset)
  if (!is.numeric(rows) && !is.logical(rows)) {
    stop_glmpp("subset", sprintf("`subset` must be a condition or row numbers: `%s` is %s.", text, describe_type(rows)),
               i = "Write a condition on columns, such as `subset = x > 0`.")
  }
  if (is.numeric(rows) && any(rows > 0, na.rm = TRUE) && any(rows < 0, na.rm = TRUE)) {
    stop_glmpp("subset", sprintf("`subset` must not mix positive and negative row numbers: `%s` does.", text))
  }
  if (isTRUE(model$has_row_numbers)) return(invisible())
  stop_glmpp("subset", sprintf("`subset` goes by row numbers, which these rows don't have: `%s`.", text),
             x = "The order of rows on a cluster or in a database is not defined.",
             i = "Write a condition on columns, such as `subset = id <= 100`.",
             i = "A stream from a database has row numbers by `in_database(..., where = \"stream\", order = )`.")
}

# Whether the rows of a source come in an order of their own.
has_row_numbers <- function(source) {
  if (!inherits(source, "glmpp_database")) return(!inherits(source, "tbl_lazy"))
  length(source$order) > 0
}

# The chosen places of a part whose first row has number `first` of all.
chosen_rows <- function(rows, first, count) {
  places <- seq_len(count)
  if (is.logical(rows)) return(places[which(rows[(first - 2 + places) %% length(rows) + 1])])
  rows <- trunc(rows[!is.na(rows)])
  if (any(rows < 0)) return(setdiff(places, -rows - first + 1))
  inside <- rows - first + 1
  inside[rows > 0 & inside >= 1 & inside <= count]
}

# A condition on columns must be one, in every part; in R a number would be a place in the part.
check_condition_type <- function(model, part) {
  subset <- model$frame_call$subset
  if (is.null(subset) || is_call_of(subset, "which")) return(invisible())
  chosen <- tryCatch(eval(subset, part, environment(model$formula)), error = function(e) stop_frame(e))
  if (is.null(chosen) || is.logical(chosen)) return(invisible())
  stop_glmpp("subset", sprintf("`subset` must be a condition: `%s` is %s.", deparse1(subset), describe_type(chosen)),
             i = "A number would be the place of a row in its part. Write `subset = x > 0`.")
}

# Numbers the rows of parts as they come, and leaves out parts without rows.
numbered <- function(reader) {
  read <- 0
  next_part <- reader$next_part
  reader$next_part <- function() {
    repeat {
      part <- next_part()
      if (is.null(part)) return(NULL)
      if (nrow(part)) break
    }
    attr(part, "first_row") <- read + 1
    read <<- read + nrow(part)
    part
  }
  reader
}

# Tables of other packages are data frames whose `[` means other things.
plain_part <- function(part, label) {
  if (!identical(class(part), "data.frame")) part <- as.data.frame(part)
  structure(part, label = label)
}

# What is no fault of a part may be one of the whole.
check_whole <- function(outline, family) {
  response <- outline$response
  if (response$effective_rows == 0) stop_no_weight("All weights, or all numbers of trials, are 0.")
  range <- response$y_range
  if (is.null(range) || range[1] != range[2]) return(invisible())
  warn_constant(range[1], list(core_family = core_family(family), rows = outline$kept, offset = if (response$has_offset) 0), family,
                names(outline$variables)[attr(outline$terms, "response")])
}
