# The order of levels is a fact of the first pass: that which all parts follow. Where parts contradict each other, or
# none says which of two levels is first, it can't be known, and is an error: the first level is the base of a
# contrast, and failure in a response.

# orders: list(list(levels, label), ...), distinct. The levels in the one order that all follow; NULL where there is
# none or more than one. Only neighbours need be compared: an order is the only one when each level is next to
# the following one in some part.
union_of_orders <- function(orders) {
  orders <- lapply(orders, `[[`, "levels")
  longest <- orders[[which.max(lengths(orders))]]
  if (all(vapply(orders, is_within_order, NA, longest))) return(longest)
  names <- unique(unlist(orders))
  before <- unlist(lapply(orders, function(o) match(o[-length(o)], names)))
  after <- unlist(lapply(orders, function(o) match(o[-1], names)))
  edges <- !duplicated(paste(before, after))
  next_of <- split(after[edges], factor(before[edges], seq_along(names)))
  waiting <- tabulate(after[edges], length(names))
  found <- integer()
  ready <- which(waiting == 0)
  while (length(ready) == 1) {
    found <- c(found, ready)
    following <- next_of[[ready]]
    waiting[following] <- waiting[following] - 1L
    ready <- following[waiting[following] == 0]
  }
  if (length(found) == length(names)) names[found]
}

is_within_order <- function(part, whole) {
  places <- match(part, whole)
  !anyNA(places) && !is.unsorted(places)
}

# Those that say nothing new are left out.
merge_orders <- function(a, b) {
  for (order in b) {
    if (any(vapply(a, function(known) is_within_order(order$levels, known$levels), NA))) next
    a <- c(Filter(function(known) !is_within_order(known$levels, order$levels), a), list(order))
  }
  a
}

settled_order <- function(orders, name) {
  levels <- union_of_orders(orders)
  if (!is.null(levels)) return(levels)
  bullets <- vapply(utils::head(orders, 3), function(order) {
    sprintf("In %s: %s.", order$label %||% "a part", comma(dQuote(order$levels, FALSE), 5))
  }, "")
  do.call(stop_glmpp, c(list("levels", sprintf("The order of the levels of `%s` can't be known from the parts.", name)),
                        structure(as.list(bullets), names = rep("x", length(bullets))),
                        list(i = sprintf("Say the order where the data are read, or in the formula: `factor(%s, levels = )`.",
                                         name))))
}

# ---- Columns that are factors in the parts ----

raw_levels <- function(part, columns, label) {
  part <- part[intersect(names(part), columns %||% names(part))]
  factors <- names(part)[vapply(part, is.factor, NA)]
  sapply(factors, function(name) {
    order <- list(levels = levels(part[[name]]), label = label)
    list(orders = list(order), ordered = is.ordered(part[[name]]), is_same = TRUE, label = label)
  }, simplify = FALSE)
}

merge_raw <- function(a, b) {
  for (name in names(b)) {
    if (is.null(a[[name]])) {
      a[[name]] <- b[[name]]
      next
    }
    if (a[[name]]$ordered != b[[name]]$ordered) {
      stop_glmpp("parts", sprintf("Column `%s` must be of one type everywhere.", name),
                 x = sprintf("It is an ordered factor in %s, an unordered one in %s.",
                             (if (a[[name]]$ordered) a else b)[[name]]$label, (if (a[[name]]$ordered) b else a)[[name]]$label),
                 i = "Make it one where the data are read.")
    }
    a[[name]]$is_same <- a[[name]]$is_same && b[[name]]$is_same &&
      identical(a[[name]]$orders[[1]]$levels, b[[name]]$orders[[1]]$levels)
    a[[name]]$orders <- merge_orders(a[[name]]$orders, b[[name]]$orders)
  }
  a
}

# The levels that every part's factors are to have, as far as they differ now.
settle_raw <- function(raw) {
  raw <- Filter(function(column) !column$is_same, raw)
  Map(function(column, name) settled_order(column$orders, name), raw, names(raw))
}

with_raw_levels <- function(part, levels) {
  for (name in intersect(names(levels), names(part))) {
    column <- part[[name]]
    if (!is.factor(column) || identical(levels(column), levels[[name]])) next
    codes <- match(levels(column), levels[[name]])[column]
    attributes(codes) <- attributes(column)
    attr(codes, "levels") <- levels[[name]]
    part[[name]] <- codes
  }
  part
}

# ---- Levels that the formula makes ----

# What a factor made of `column` in a part says of the order of all levels. factor() sorts the values it is given, or
# keeps the order of those of a factor; any other function has its own.
order_of_levels <- function(column, expression, part, envir, label) {
  known <- list(orders = list(list(levels = levels(column), label = label)))
  if (!is_call_of(expression, c("factor", "as.factor", "ordered", "as.ordered", "droplevels", "absorb")) || has_levels(expression) ||
        !is.null(expression$labels) || !is_known_function(expression[[1]], envir)) return(known)
  inner <- tryCatch(eval(expression[[2]], part, envir), error = function(e) NULL)
  if (is.null(inner)) return(known)
  if (is.factor(inner)) return(list(orders = list(list(levels = levels(inner), label = label)), all = levels(inner)))
  list(keys = sort(unique(inner)))
}

merge_order_facts <- function(a, b, name) {
  if (!identical(a$contrasts, b$contrasts)) {
    stop_glmpp("contrasts", sprintf("The contrasts of `%s` must be the same in all parts.", name),
               i = sprintf("Give them once, by `contrasts = list(%s = )`.", name))
  }
  a$levels <- union(a$levels, b$levels)
  a$used <- union(a$used, b$used)
  if (length(a$orders) && length(b$orders)) a$orders <- merge_orders(a$orders, b$orders)
  else a["orders"] <- list(c(a$orders, b$orders))
  if (!is.null(a$keys) && !is.null(b$keys)) a$keys <- sort(unique(c(a$keys, b$keys)))
  else a["keys"] <- list(NULL)
  a
}

# The levels of each categorical variable in their order, once all parts are known.
settle_variables <- function(variables) {
  Map(function(variable, name) {
    if (variable$kind != "factor") return(variable)
    if (!is.null(variable$keys)) variable$levels <- levels_of_values(variable)
    else if (length(variable$orders)) variable$levels <- settled_order(variable$orders, name)
    variable[c("keys", "orders")] <- NULL
    variable
  }, variables, names(variables))
}

# The labels of the sorted values, as factor() makes them.
levels_of_values <- function(variable) {
  labels <- unique(as.character(variable$keys))
  c(labels[labels %in% variable$levels], setdiff(variable$levels, labels))
}

# ---- Types of columns ----

# The type of each column that the model reads; a column of nothing but NA may be of any.
types_of <- function(part, columns) {
  vapply(part[intersect(names(part), columns %||% names(part))], column_type, "")
}

column_type <- function(column) {
  if (is.logical(column) && is.null(dim(column)) && all(is.na(column))) "missing"
  else if (is.ordered(column)) "an ordered factor"
  else if (is.factor(column)) "a factor"
  else if (is.character(column)) "text"
  else if (is.logical(column)) "logical"
  else if (inherits(column, "POSIXct")) paste(c("times", attr(column, "tzone")[1]), collapse = " in ")
  else if (inherits(column, "Date")) "dates"
  else if (inherits(column, "difftime")) paste("differences of times in", attr(column, "units"))
  else if (is.numeric(column)) "numbers"
  else class(column)[1]
}

merge_types <- function(a, b, label) {
  for (name in intersect(names(a), names(b))) {
    if (a[[name]] == "missing") a[[name]] <- b[[name]]
    if (b[[name]] %in% c("missing", a[[name]])) next
    stop_glmpp("parts", sprintf("Column `%s` must be of one type everywhere.", name),
               x = sprintf("It has %s in %s, %s before.", b[[name]], label, a[[name]]), i = "Make it one where the data are read.")
  }
  c(a, b[setdiff(names(b), names(a))])
}
