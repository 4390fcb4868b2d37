# The model frame: stats::model.frame() with na.pass, which keeps all of its meaning but copies no
# column; missing values are found in one scan, and rows dropped only when there are rows to drop.

read_frame <- function(call, envir, threads = thread_count(NULL)) {
  frame_call <- new_frame_call(call)
  na_action <- eval_na_action(call, envir)
  frame_call$na.action <- quote(stats::na.pass)
  frame <- tryCatch(eval(frame_call, envir), error = function(e) stop_frame(e))
  rows <- nrow(frame)
  frame <- apply_na_action(frame, na_action, threads)
  if (nrow(frame) == 0) stop_no_rows(frame, rows)
  drop_unused_levels(frame)
}

# What R says of a formula that can't be evaluated is clear, but has no class.
stop_frame <- function(error) {
  stop_glmpp("frame", conditionMessage(error),
             i = if (!is.null(conditionCall(error))) sprintf("In %s.", deparse1(conditionCall(error))[1]))
}

new_frame_call <- function(call) {
  wanted <- c("formula", "data", "subset", "weights", "etastart", "mustart", "offset")
  frame_call <- as.call(as.list(call)[c(1L, match(wanted, names(call), 0L))])
  frame_call[[1L]] <- quote(stats::model.frame)
  frame_call
}

# As model.frame.default() finds it: the argument, the data's attribute, the option.
eval_na_action <- function(call, envir) {
  if ("na.action" %in% names(call)) {
    action <- eval(call$na.action, envir)
  } else {
    data <- if ("data" %in% names(call)) eval(call$data, envir)
    action <- attr(data, "na.action")
    if (is.null(action) || mode(action) == "numeric") action <- getOption("na.action")
  }
  if (is.character(action)) match.fun(action) else action
}

apply_na_action <- function(frame, action, threads) {
  scan <- scan_columns_impl(unclass(frame), nrow(frame), threads)
  refuse_infinite(scan, names(frame))
  if (is.null(action) || identical(action, na.pass)) return(refuse_missing(frame, scan))
  known <- identical(action, na.omit) || identical(action, na.exclude)
  if (known && !length(scan$rows)) return(frame)
  if (identical(action, na.fail)) return(refuse_missing(frame, scan))
  if (!known) return(action(frame))
  drop_rows(frame, scan, if (identical(action, na.omit)) "omit" else "exclude")
}

refuse_missing <- function(frame, scan) {
  bad <- which(scan$missing > 0)
  if (!length(bad)) return(frame)
  counts <- sprintf("`%s` has %g", names(frame)[bad], scan$missing[bad])
  stop_glmpp("missing", "missing values in object: no NA is allowed by this `na.action`.",
             x = sprintf("%s; the first is in row %d.", comma(counts), scan$rows[1]),
             i = "Use `na.action = na.omit` or `na.exclude` to drop such rows.")
}

# What na.omit() does to a data frame, with the columns' other attributes kept (the coefficients of
# poly(), the knots of ns()), as model.frame() does.
drop_rows <- function(frame, scan, class) {
  omitted <- structure(scan$rows, names = as.character(attr(frame, "row.names")[scan$rows]),
                       class = class)
  kept <- frame[-scan$rows, , drop = FALSE]
  for (k in seq_along(frame)) {
    lost <- setdiff(names(attributes(frame[[k]])), c(names(attributes(kept[[k]])), "names", "dim",
                                                     "dimnames", "tsp"))
    for (name in lost) attr(kept[[k]], name) <- attr(frame[[k]], name)
    if (!is.null(oldClass(frame[[k]]))) oldClass(kept[[k]]) <- oldClass(frame[[k]])
  }
  attr(kept, "terms") <- attr(frame, "terms")
  attr(kept, "na.action") <- omitted
  attr(kept, "na.counts") <- structure(scan$missing, names = names(frame))
  kept
}

stop_no_rows <- function(frame, rows) {
  counts <- attr(frame, "na.counts")
  counts <- counts[counts > 0]
  stop_glmpp("no_rows", "0 rows left to fit.",
             x = if (rows == 0) "The data, or `subset`, have no rows.",
             x = if (length(counts)) paste0(comma(sprintf("%s has %g NA", names(counts), counts)), ", of ",
                                            plural(rows, "row"), "."))
}

drop_unused_levels <- function(frame) {
  for (name in names(frame)) {
    column <- .subset2(frame, name)
    if (!is.factor(column) || all(used_levels_impl(column, nlevels(column)))) next
    frame[[name]] <- column[, drop = TRUE]
    attr(frame, "unused_levels")[[name]] <- setdiff(levels(column), levels(frame[[name]]))
    if (!identical(attr(frame[[name]], "contrasts"), attr(column, "contrasts"))) {
      warn_glmpp("contrasts", sprintf("Contrasts dropped from factor `%s` due to missing levels.", name))
    }
  }
  frame
}
