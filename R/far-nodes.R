# Talking to the nodes of a cluster, part by part, so that a dead node is known by name and the others stay in step.

ask_parts <- function(home, verb, args, parts = seq_along(home$place)) {
  answers <- vector("list", length(parts))
  waiting <- parts
  recipe <- NULL
  repeat {
    got <- ask_nodes(home, verb, args, waiting, recipe)
    is_known <- !vapply(got$answers, function(answer) isTRUE(answer$is_unknown), NA)
    answers[match(got$parts[is_known], parts)] <- got$answers[is_known]
    waiting <- setdiff(waiting, got$parts[is_known])
    if (!length(waiting)) break
    lost <- setdiff(waiting, got$parts)
    if (length(lost)) recover_parts(home, lost)
    recipe <- list(opening = opening(home), schema = if (verb != "begin") home$schema, total = home$rows)
  }
  lapply(seq_along(parts), function(k) open_answer(home, answers[[k]], parts[k]))
}

# A node of mirai may be another process each time: one that does not know a part is sent the recipe with the question.
# Sends to all nodes, then receives from all: every answer is taken off the line, whatever happens.
ask_nodes <- function(home, verb, args, parts, recipe) {
  nodes <- unique(home$place[parts])
  said <- exchange(home, nodes, function(node) {
    send(home, node, answer_call, list(home$id, verb, parts[home$place[parts] == node], args, recipe))
  }, function(node, value) {
    if (inherits(value, "try-error")) stop_node(home, node, as.character(value)[1])
  })
  answered <- nodes[!vapply(said, is.null, NA)]
  list(parts = unlist(lapply(answered, function(node) parts[home$place[parts] == node])),
       answers = unlist(said[match(answered, nodes)], recursive = FALSE))
}

# Sends to all nodes, then hears all: a list with what each said, NULL for a dead one. `check` may stop at an answer: the
# other nodes are left in step, as after an interrupt.
exchange <- function(home, nodes, ask, check = function(node, value) NULL) {
  pending <- integer()
  is_interrupt <- FALSE
  on.exit(if (length(pending)) release_nodes(home, pending, is_interrupt))
  said <- vector("list", length(nodes))
  withCallingHandlers({
    for (node in nodes) {
      pending <- c(pending, node)
      if (!ask(node)) pending <- setdiff(pending, node)
    }
    for (k in match(pending, nodes)) {
      value <- receive(home, nodes[k])
      pending <- setdiff(pending, nodes[k])
      if (is.null(value)) next
      check(nodes[k], value)
      said[[k]] <- value
    }
  }, interrupt = function(i) is_interrupt <<- TRUE)
  said
}

# parallel's own messages; a node that can't be written to or read from is dead.
send <- function(home, node, fun, args) {
  if (!home$is_alive[node]) return(FALSE)
  tryCatch({
    snow_message("sendCall")(home$source$cluster[[node]], fun, args)
    TRUE
  }, error = function(error) {
    home$is_alive[node] <- FALSE
    FALSE
  })
}

snow_message <- function(name) get(name, envir = asNamespace("parallel"), mode = "function")

recover_parts <- function(home, parts) {
  dead <- unique(home$place[parts])
  if (!home$source$recover) {
    stop_glmpp("node", sprintf("%s of the cluster died.", node_names(home, dead)),
               x = sprintf("Lost: part %s of the rows.", comma(parts)),
               i = "With `on_cluster(recover = TRUE)` another node takes over.")
  }
  if (!any(home$is_alive)) stop_glmpp("node", "All nodes of the cluster died.", i = "Start a new cluster.")
  for (part in parts) {
    load <- tabulate(home$place[home$is_alive[home$place]], length(home$is_alive))
    load[!home$is_alive] <- Inf
    home$place[part] <- which.min(load)
  }
  outlines <- ask_parts(home, "open", opening(home), parts)
  for (k in seq_along(parts)) check_same_part(home$outlines[[parts[k]]], outlines[[k]], parts[k])
  if (!is.null(home$schema)) ask_parts(home, "begin", list(home$schema, home$rows), parts)
}

check_same_part <- function(before, after, part) {
  if (is.null(before) || identical(before[c("rows", "kept", "response")], after[c("rows", "kept", "response")])) return(invisible())
  stop_glmpp("node", sprintf("Part %d came back with other rows.", part),
             x = sprintf("It had %s, of which %s were used; now %s and %s.", plural(before$rows, "row"), format(before$kept),
                         plural(after$rows, "row"), format(after$kept)),
             i = "`expr` must give the same rows every time, on any node, for the same `part`.")
}

node_names <- function(home, nodes) {
  hosts <- vapply(nodes, function(node) {
    host <- tryCatch(home$source$cluster[[node]]$host, error = function(e) NULL)
    if (is.character(host)) sprintf("Node %d (%s)", node, host) else sprintf("Node %d", node)
  }, "")
  comma(hosts)
}

stop_node <- function(home, node, message) {
  stop_glmpp("node", sprintf("%s of the cluster can't answer.", node_names(home, node)), x = message)
}

# Conditions of a node happen here.
open_answer <- function(home, answer, part) {
  for (warning in answer$warnings) warning(warning)
  if (!is.null(answer$outline)) check_same_part(home$outlines[[part]], answer$outline, part)
  if (is.null(answer$error)) return(answer$value)
  error <- answer$error
  where <- sprintf("In part %d, on %s.", part, node_names(home, home$place[part]))
  if (!inherits(error, "glmpp_error")) stop_glmpp("node", conditionMessage(error), i = where)
  error$message <- paste0(error$message, "\ni ", where)
  stop(error)
}

load_on_nodes <- function(home) {
  paths <- .libPaths()
  wanted <- as.character(utils::packageVersion("glmpp"))
  nodes <- seq_along(home$is_alive)
  for (node in nodes) hear_out(home, node)  # what an interrupted fit left
  said <- exchange(home, nodes, function(node) {
    is_sent <- send(home, node, load_call, list(paths))
    if (!is_sent) recover_parts(home, node)
    is_sent
  })
  versions <- lapply(said, function(value) if (is.list(value)) value$version else value)
  home$processes <- lapply(said, function(value) if (is.list(value)) value$process)
  for (node in nodes) {
    if (is.null(versions[[node]])) next  # found out by the first question
    if (inherits(versions[[node]], "try-error")) {
      stop_glmpp("node", sprintf("%s of the cluster can't load glmpp.", node_names(home, node)), x = as.character(versions[[node]]),
                 i = "Install it there, in a library that `.libPaths()` of the node or of this session names.")
    }
    if (!identical(versions[[node]], wanted)) {
      stop_glmpp("node", sprintf("%s of the cluster has glmpp %s; this session has %s.", node_names(home, node), versions[[node]], wanted),
                 i = "Install the same version everywhere.")
    }
  }
}

close_on_nodes <- function(home) {
  nodes <- Filter(function(node) !owes_answer(home, node), which(home$is_alive))
  exchange(home, nodes, function(node) send(home, node, close_call, list(home$id)))
}

# What runs on a node names the package, so that nothing of this session travels with it.
load_call <- function(paths) {
  loadNamespace("glmpp", lib.loc = union(paths, .libPaths()))
  list(version = as.character(utils::packageVersion("glmpp", lib.loc = union(paths, .libPaths()))),
       process = list(id = Sys.getpid(), machine = Sys.info()[["nodename"]]))
}
echo_call <- function(word) word
answer_call <- function(...) get("answer_on_node", envir = asNamespace("glmpp"))(...)
close_call <- function(...) {
  get("forget_on_node", envir = asNamespace("glmpp"))(...)
  TRUE
}
environment(load_call) <- environment(echo_call) <- environment(answer_call) <- environment(close_call) <- baseenv()

# ---- On the node ----

node_homes <- new.env(parent = emptyenv())

# For each part its value, or the error, with the warnings; with the outline where it had to be made anew.
answer_on_node <- function(id, verb, parts, args, recipe) {
  forget_before(id)
  lapply(parts, function(part) {
    key <- paste(id, part)
    is_new <- verb != "open" && !is_ready(verb, node_homes[[key]])
    if (is_new && is.null(recipe)) return(list(is_unknown = TRUE))
    warnings <- list()
    answer <- tryCatch(
      withCallingHandlers({
        outline <- if (is_new) open_by_recipe(key, part, recipe)
        list(value = call_verb(verb, key, part, args), outline = outline)
      }, glmpp_warning = function(warning) {
        warnings <<- c(warnings, list(warning))
        invokeRestart("muffleWarning")
      }),
      error = function(error) list(error = error)
    )
    c(answer, list(warnings = warnings))
  })
}

# Another process may have been asked to begin.
is_ready <- function(verb, home) !is.null(home) && (verb == "begin" || isTRUE(home$has_begun))

call_verb <- function(verb, key, part, args) do.call(node_verbs[[verb]], c(list(key, part), args), quote = TRUE)

open_by_recipe <- function(key, part, recipe) {
  outline <- call_verb("open", key, part, recipe$opening)
  if (!is.null(recipe$schema)) call_verb("begin", key, part, list(recipe$schema, recipe$total))
  outline
}

# A session fits one model at a time: parts of an earlier one, which were not given back, go.
forget_before <- function(id) {
  session <- sub("-.*", "-", id)
  held <- sub(" [0-9]+$", "", ls(node_homes))
  for (old in setdiff(held[startsWith(held, session)], id)) forget_on_node(old)
}

forget_on_node <- function(id) {
  for (key in grep(paste0(id, " "), ls(node_homes), fixed = TRUE, value = TRUE)) {
    try(node_homes[[key]]$close(), silent = TRUE)
    rm(list = key, envir = node_homes)
  }
}

# The expression of on_cluster() may name what users of the package name.
attach_once <- function(name) if (!paste0("package:", name) %in% search()) attachNamespace(name)

stop_sums_only_look <- function() {
  stop_glmpp("parts", "A term takes its values from all rows at once, and the sums of this part can't say it.",
             i = "Stream the rows of the part: `in_database(..., where = \"stream\")`.")
}

# Levels of a part's columns, under the number of the part.
named_part <- function(look, label) {
  if (is.null(look)) return(NULL)
  for (name in names(look$raw)) look$raw[[name]]$label <- look$raw[[name]]$orders[[1]]$label <- label
  look
}

node_verbs <- list(
  open = function(key, part, expr, scope, parts, model) {
    attach_once("glmpp")
    rows <- eval(expr, list2env(list(part = part, parts = parts), parent = scope))
    if (is.data.frame(rows)) rows <- memory_rows(rows)
    if (!is_source(rows)) {
      stop_glmpp("node", "The expression of on_cluster() must give a data frame or a source of rows.",
                 x = sprintf("It gives %s.", describe_type(rows)))
    }
    if (!is.null(node_homes[[key]])) node_homes[[key]]$close()
    assign(key, open_home(rows, model), envir = node_homes)
    node_homes[[key]]$outline()
  },
  look = function(key, part, requests) {
    if (is.null(node_homes[[key]]$look)) stop_sums_only_look()
    named_part(node_homes[[key]]$look(requests), sprintf("part %d", part))
  },
  begin = function(key, part, schema, total) {
    node_homes[[key]]$has_begun <- TRUE
    if (!isTRUE(node_homes[[key]]$traits$gives_bordered)) {
      node_homes[[key]] <- with_bordered_sums(node_homes[[key]], schema)
      schema$structure <- NULL
    }
    node_homes[[key]]$begin(schema, total)
  },
  adopt = function(key, part, family) {
    check_adoption(node_homes[[key]])
    node_homes[[key]]$adopt(family)
    TRUE
  },
  pass = function(key, part, ...) node_homes[[key]]$pass(...),
  meat = function(key, part, ...) node_homes[[key]]$meat(...),
  search = function(key, part, question) search_on_node(node_homes[[key]], question),
  epoch = function(key, part, settings, rows, count, iterate, average, mean_diagonal) {
    if (is.null(node_homes[[key]]$descent) || count == 0) {
      node_homes[[key]] <- with_descent(node_homes[[key]], part, settings, rows, count, iterate, mean_diagonal)
    }
    run_epoch_impl(node_homes[[key]]$descent, iterate, average)
  }
)

# A home whose informations are matrices, beside others whose are bordered.
with_bordered_sums <- function(home, schema) {
  if (is.null(schema$structure)) return(home)
  design <- c(design_of_no_rows(schema), schema["structure"])
  bordered <- function(matrix) if (!is.matrix(matrix)) matrix else bordered_vector_impl(design, matrix)
  pass <- home$pass
  meat <- home$meat
  home$pass <- function(...) {
    sums <- pass(...)
    fields <- intersect(c("information", "observed_information"), names(sums))
    sums[fields] <- lapply(sums[fields], bordered)
    sums
  }
  home$meat <- function(coefficients, cluster = NULL, ...) {
    found <- meat(coefficients, cluster, ...)
    if (is.null(cluster)) bordered(found) else found
  }
  home
}

search_on_node <- function(home, question) {
  lack <- home_lacks(home, "proof")
  if (!is.null(lack)) stop_glmpp("proof", sprintf("There is no proof of separation: %s.", lack))
  home$search(question)
}

# A node that takes over a part in the middle counts the updates that were made: the rate goes on to fall. What momentum and
# rates by past scores have gathered begins anew.
with_descent <- function(home, part, settings, rows, count, start, mean_diagonal) {
  check_needs(settings, function(name) if (is.null(home$batches)) "rows of this kind: only sums come from there")
  batches <- home$batches()
  options <- settings$options
  options$seed <- options$seed + part - 1 + 1e6 * count
  home$descent <- open_descent_impl(batches, settings$step_family, options, settings$penalty, rows, start, mean_diagonal,
                                    count * ceiling(batches$rows / options$batch_size))
  close_home <- home$close
  home$close <- function() {
    batches$close()
    close_home()
  }
  home
}
