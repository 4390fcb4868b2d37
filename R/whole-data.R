# Terms whose values depend on all rows, such as `I(x - mean(x))`: on new rows they mean another thing than in the fit.

# Functions that give each row its own value. Those of the second list do so unless their value goes into another function: then it
# is the codes, or the columns, that are used, and these are those of the rows at hand.
rowwise_functions <- c(
  "+", "-", "*", "/", "^", "%%", "%/%", "(", "==", "!=", "<", ">", "<=", ">=", "!", "&", "|", "~", ":", "I", "offset", "cbind", "c",
  "log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "abs", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
  "tanh", "floor", "ceiling", "round", "signif", "trunc", "gamma", "lgamma", "plogis", "qlogis", "pnorm", "qnorm", "ifelse", "is.na",
  "pmin", "pmax", "as.numeric", "as.double", "as.integer", "as.logical", "as.character", "as.Date", "format", "substr", "paste", "paste0",
  "nchar", "toupper", "tolower", "months", "weekdays"
)

outermost_functions <- c("factor", "as.factor", "ordered", "as.ordered", "poly", "ns", "bs", "scale", "interaction", "relevel")

may_need_all_rows <- function(expression, is_outermost = TRUE) {
  if (!is.call(expression)) return(FALSE)
  called <- expression[[1]]
  if (is.call(called) && as.character(called[[1]]) %in% c("::", ":::")) called <- called[[3]]
  name <- if (is.symbol(called)) as.character(called) else ""
  known <- name %in% rowwise_functions || is_outermost && name %in% outermost_functions
  !known || any(vapply(as.list(expression)[-1], may_need_all_rows, NA, is_outermost = FALSE))
}

# The names of the variables of a model frame that change when the data are fewer.
variables_of_all_rows <- function(frame, data, has_times) {
  terms <- attr(frame, "terms")
  envir <- environment(terms)
  written <- as.list(attr(terms, "variables"))[-1]
  is_suspect <- vapply(written, is.call, NA)
  if (!any(is_suspect)) return(NULL)
  if (!has_times) is_suspect[is_suspect] <- vapply(written[is_suspect], may_need_all_rows, NA)
  is_suspect[attr(terms, "response")] <- FALSE
  suspects <- which(is_suspect)
  if (!length(suspects)) return(NULL)
  expressions <- as.list(attr(terms, "predvars"))[-1]
  depends <- vapply(suspects, function(k) depends_on_rows(expressions[[k]], data, envir, .subset2(frame, k)), NA)
  vapply(written[suspects[depends]], deparse1, "")
}

# Values of the whole against those of single rows, its extremes among them, and of about every other row.
depends_on_rows <- function(expression, data, envir, known = NULL) {
  values <- lapply(structure(all.vars(expression), names = all.vars(expression)), function(name) quiet_value(as.name(name), data, envir))
  rows <- max(0L, lengths(values), vapply(values, NROW, 0L))
  whole <- if (NROW(known) == rows) known else quiet_value(expression, data, envir)
  count <- NROW(whole)
  if (is.null(whole) || count < 3) return(FALSE)
  values <- Filter(function(value) NROW(value) == count, values)
  for (rows in row_sets(whole, count)) {
    part <- quiet_value(expression, lapply(values, rows_of_value, rows), envir)
    if (!is.null(part) && !is_same_column(rows_of_value(whole, rows), part)) return(TRUE)
  }
  FALSE
}

quiet_value <- function(expression, data, envir) {
  tryCatch(suppressWarnings(eval(expression, data, envir)), error = function(e) NULL)
}

rows_of_value <- function(value, rows) if (length(dim(value)) == 2) value[rows, , drop = FALSE] else value[rows]

row_sets <- function(whole, count) {
  first <- if (length(dim(whole)) == 2) whole[, 1] else whole
  order <- order(first, na.last = NA)
  singles <- c(order[unique(round(seq(1, length(order), length.out = 4)))], unique(round(seq(1, count, length.out = 4))))
  c(as.list(unique(singles)), list(unique(round(seq(1, count, length.out = min(1000, count %/% 2))))))
}

# Not for the rows of the fit themselves.
warn_whole_data <- function(object, frame, newdata) {
  if ("(offset)" %in% object$schema$of_all_rows && !identical(newdata, .subset2(object, "data"))) warn_recomputed("offset")
  for (name in intersect(object$schema$of_all_rows, names(frame))) {
    known <- .subset2(object, "model")[[name]]
    if (!is.null(known) && NROW(known) == nrow(frame) && is_same_column(known, frame[[name]])) next
    warn_recomputed(name)
  }
}

warn_recomputed <- function(name) {
  warn_glmpp("whole_data", sprintf("`%s` takes its values from all rows at once: in `newdata` they are not those of the fit.", name),
             x = "Its means, extremes, ranks or levels are computed anew from the new rows.",
             i = "Write the numbers into the formula, or make the column in the data before the fit. scale(), poly(), ns() and bs() keep theirs.")
}
