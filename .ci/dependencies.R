# Installs the packages a task needs and doesn't find.
#
#   Rscript .ci/dependencies.R GROUP...
#
# The lists are those of DESCRIPTION:
#
#   run       Depends, Imports and LinkingTo
#   test      run, testthat, and the Suggests that tests/ mentions
#   demo      run, and the Suggests that inst/demo/ mentions
#   bench     run, the Suggests that bench/ mentions, and Config/Needs/bench
#   compat    run, the Suggests that inst/compat/ mentions, and Config/Needs/compat: those that Debian 12 has
#   pages     run, knitr and rmarkdown: for the vignettes, optional
#   site      pages, pkgdown, the Suggests that vignettes/ mentions, and Config/Needs/website
#   document  run and roxygen2
#   coverage  covr, optional: without it there is no coverage
#   check     test and all Suggests
#
# Suggests are optional, except testthat for the tests: where one can't be had,
# the tests that need it are skipped. Debian's packages are tried first (they
# are compiled, and fit the R they come with), then CRAN. A line tells of each
# package; what apt-get and the compilers say goes to build/dependencies.log.

root <- getwd()
unavailable_file <- file.path(root, "build", "unavailable")
private_library <- file.path(root, "build", "library")
log_file <- file.path(root, "build", "dependencies.log")
debian_library <- "/usr/lib/R/site-library"
seconds_to_connect <- 20L
seconds_to_download <- 300L

# Optional packages that take half an hour and more to compile: taken ready-made or not at all.
too_big_to_compile <- c("arrow", "duckdb")

# Optional packages that ask for a newer dplyr, rlang and vctrs than Debian 12 has: compiling those takes minutes, and would put them before
# Debian's own for every other package. They are installed where what is there suffices (Debian 13), which takes seconds.
built_on_newer <- c("parsnip", "poissonreg")

install_dependencies <- function(groups) {
  wanted <- one_row_each(do.call(rbind, lapply(groups, group_packages)))
  missing <- drop_known_unavailable(unsatisfied(wanted))
  if (nrow(missing) > 0L) {
    say("Missing packages: ", label(missing))
    missing <- install_from_debian(missing)
    missing <- rbind(install_from_cran(missing[!is_shown_only(missing, groups), ]), missing[is_shown_only(missing, groups), ])
    remember_unavailable(missing)
  }
  report(missing)
}

# Packages that pages only show: one from CRAN would bring newer versions of what Debian's pkgdown and knitr were built for.
is_shown_only <- function(packages, groups) identical(groups, "site") & !packages$required

# What is wanted ---------------------------------------------------------------

group_packages <- function(group) {
  suggests <- described("Suggests", required = FALSE)
  testthat <- suggests[suggests$name == "testthat", ]
  testthat$required <- rep(TRUE, nrow(testthat))
  run <- rbind(described("Depends"), described("Imports"), described("LinkingTo"))
  test <- rbind(run, testthat, mentioned(suggests, "tests"))
  pages <- suggests[suggests$name %in% c("knitr", "rmarkdown"), ]
  switch(group,
    run = run,
    test = test,
    demo = rbind(run, mentioned(suggests, "inst/demo")),
    bench = rbind(run, mentioned(suggests, "bench"), described("Config/Needs/bench", FALSE)),
    compat = rbind(run, mentioned(suggests, "inst/compat"), described("Config/Needs/compat", FALSE)),
    pages = rbind(run, pages),
    site = rbind(run, pages, package_table("pkgdown", "0", TRUE), mentioned(suggests, "vignettes"),
                 described("Config/Needs/website", FALSE)),
    document = rbind(run, package_table("roxygen2", "0", TRUE)),
    coverage = package_table("covr", "0", FALSE),
    check = rbind(test, suggests),
    stop("Unknown group '", group, "'; known: run, test, demo, bench, compat, pages, site, document, coverage, check.",
         call. = FALSE)
  )
}

package_table <- function(name, minimum, required) {
  data.frame(name = name, minimum = minimum, required = rep(required, length(name)))
}

# A package listed twice is needed at its highest minimum, and required if once it is.
one_row_each <- function(packages) {
  packages$required <- packages$name %in% packages$name[packages$required]
  packages <- packages[order(xtfrm(numeric_version(packages$minimum)), decreasing = TRUE), ]
  packages[!duplicated(packages$name), ]
}

described <- function(field, required = TRUE) {
  parsed_packages(read.dcf(file.path(root, "DESCRIPTION"), fields = field)[[1L]], required)
}

parsed_packages <- function(text, required) {
  entries <- if (is.na(text)) character() else trimws(strsplit(text, ",")[[1L]])
  entries <- entries[nzchar(entries)]
  name <- sub("[[:space:]]*\\(.*", "", entries)
  minimum <- ifelse(grepl(">=", entries, fixed = TRUE),
                    gsub(".*>=[[:space:]]*|[[:space:]]*\\).*", "", entries), "0")
  # `Config/Needs` may hold remotes such as `user/name`: no repository has them.
  known <- name != "R" & !grepl("/", name, fixed = TRUE)
  package_table(name[known], minimum[known], required)
}

mentioned <- function(packages, folder) {
  files <- list.files(file.path(root, folder), "\\.([rR]|[rR]md)$",
                      recursive = TRUE, full.names = TRUE)
  text <- unlist(lapply(files, readLines, warn = FALSE))
  is_mentioned <- vapply(packages$name, function(name) {
    any(grepl(paste0("(^|[^[:alnum:]._])", name, "(::|[\"'),])"), text))
  }, logical(1L))
  packages[is_mentioned, ]
}

unsatisfied <- function(packages) {
  is_satisfied <- vapply(seq_len(nrow(packages)), function(i) {
    version <- suppressWarnings(
      utils::packageDescription(packages$name[i], fields = "Version")
    )
    !is.na(version) && package_version(version) >= packages$minimum[i]
  }, logical(1L))
  packages[!is_satisfied, ]
}

# An optional package nobody offers would be asked for at every `make test`:
# for a day it isn't asked for again.
drop_known_unavailable <- function(packages) {
  age <- difftime(Sys.time(), file.mtime(unavailable_file), units = "days")
  if (is.na(age) || age > 1) return(packages)
  packages[packages$required | !packages$name %in% readLines(unavailable_file), ]
}

remember_unavailable <- function(packages) {
  names <- packages$name[!packages$required]
  if (length(names) == 0L) return(invisible())
  dir.create(dirname(unavailable_file), showWarnings = FALSE)
  cat(names, file = unavailable_file, sep = "\n", append = file.exists(unavailable_file))
}

# Debian -----------------------------------------------------------------------

install_from_debian <- function(packages) {
  if (nrow(packages) == 0L || !can_use_debian()) return(packages)
  debian_name <- paste0("r-cran-", tolower(packages$name))
  if (!all(has_debian_package(debian_name))) update_debian()
  debian_name <- debian_name[has_debian_package(debian_name)]
  if (length(debian_name) == 0L) {
    say("Debian offers none of them.")
    return(packages)
  }
  say("From Debian, ready-made, with what they need (a minute or two):")
  install <- c("install", "-y", "-q", "--no-install-recommends", debian_name)
  status <- apt_get(install, 1800L)
  # A stale index names files that are gone.
  if (status != 0L && update_debian() == 0L) status <- apt_get(install, 1800L)
  if (status != 0L) say("apt-get failed, see build/", basename(log_file), ".")
  if (dir.exists(debian_library)) .libPaths(c(.libPaths(), debian_library))
  unsatisfied(packages)
}

# Another R than Debian's would not look where Debian installs, and
# apt-get would bring a second R along.
can_use_debian <- function() {
  if (!nzchar(Sys.which("apt-get"))) return(FALSE)
  is_debian_r <- normalizePath(R.home()) == dirname(debian_library)
  if (!is_debian_r) say("This R is not Debian's: its packages are not tried.")
  is_debian_r && (is_root() || can_sudo())
}

is_root <- function() identical(Sys.info()[["effective_user"]], "root")

can_sudo <- function() {
  nzchar(Sys.which("sudo")) &&
    system2("sudo", c("-n", "true"), stdout = FALSE, stderr = FALSE) == 0L
}

has_debian_package <- function(debian_name) {
  shown <- suppressWarnings(
    system2("apt-cache", c("show", "--no-all-versions", debian_name),
            stdout = TRUE, stderr = FALSE)
  )
  debian_name %in% sub("^Package: *", "", grep("^Package:", shown, value = TRUE))
}

update_debian <- local({
  status <- NULL
  function() {
    if (is.null(status)) {
      say("Reading Debian's package index.")
      status <<- apt_get(c("update", "-qq", "-o", "APT::Update::Error-Mode=any"), 120L)
    }
    status
  }
})

apt_get <- function(arguments, timeout) {
  options <- c("-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60", "-o", "Dpkg::Use-Pty=0",
               "-o", paste0("Acquire::http::Timeout=", seconds_to_connect),
               "-o", paste0("Acquire::https::Timeout=", seconds_to_connect))
  command <- c("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", options, arguments)
  if (!is_root()) command <- c("sudo", "-n", command)
  if (nzchar(Sys.which("timeout"))) command <- c("timeout", timeout, command)
  run_logged(command, "^Setting up (r-[^ :]+)[^(]*\\(([^)]*)\\).*")
}

# CRAN -------------------------------------------------------------------------

install_from_cran <- function(packages) {
  if (nrow(packages) == 0L) return(packages)
  choose_repository()
  available <- available_packages()
  name <- intersect(packages$name, rownames(available))
  if (getOption("pkgType") == "source") name <- setdiff(name, c(too_big_to_compile, out_of_reach(name, available)))
  if (nrow(available) == 0L) {
    say("CRAN can't be reached.")
    return(packages)
  }
  if (length(name) == 0L) {
    say("CRAN offers none of them for this version of R.")
    return(packages)
  }
  library_path <- writable_library()
  compiled <- if (getOption("pkgType") == "source") ", compiled here (minutes for some; build/dependencies.log has the details)"
  say("From CRAN, with what they need", compiled, ", into ", library_path, ":")
  install_packages(name, library_path)
  if ("testthat" %in% unsatisfied(packages)$name) install_testthat_without_fs()
  missing <- unsatisfied(packages)
  failed <- intersect(name, missing$name)
  if (length(failed) > 0L) say("Failed, see build/", basename(log_file), ": ", paste(failed, collapse = ", "))
  missing
}

# Those built on newer packages, unless each is there or asks for nothing newer of what is compiled and installed already.
out_of_reach <- function(name, available) {
  name <- intersect(name, built_on_newer)
  if (length(name) == 0L) return(character())
  fields <- available[intersect(built_on_newer, rownames(available)), c("Depends", "Imports"), drop = FALSE]
  needs <- do.call(rbind, lapply(fields[!is.na(fields)], function(text) parsed_packages(text, TRUE)))
  is_compiled <- available[match(needs$name, rownames(available)), "NeedsCompilation"] %in% "yes"
  is_installed <- needs$name %in% rownames(utils::installed.packages())
  if (nrow(unsatisfied(needs[is_compiled & is_installed, ])) > 0L) name else character()
}

# In an R of its own, whose words can be told from ours.
install_packages <- function(name, library_path) {
  # An outer make's flags name its job server, which isn't open here.
  Sys.unsetenv(c("MAKEFLAGS", "MFLAGS", "MAKELEVEL"))
  # fs, which testthat needs, otherwise wants the system's libuv and its headers.
  if (nzchar(Sys.which("cmake"))) Sys.setenv(USE_BUNDLED_LIBUV = "1")
  install <- bquote({
    .libPaths(.(.libPaths()))
    options(repos = .(getOption("repos")), timeout = .(max(seconds_to_download, getOption("timeout"))))
    utils::install.packages(.(name), .(library_path), Ncpus = .(available_cores()))
  })
  script <- tempfile(fileext = ".R")
  writeLines(deparse(install), script)
  run_logged(c(file.path(R.home("bin"), "Rscript"), script), "^(?:\\* DONE \\(|package .(?=.*successfully unpacked))([[:alnum:].]+).*")
}

# fs 2.0.0 can't be built without cmake or libuv's headers. testthat needs it through
# pkgload, which calls it only to load a package from its sources: not here. An empty
# package of that name, in a library no one else uses, lets testthat be installed.
install_testthat_without_fs <- function() {
  say("testthat again, without fs (into ", private_library, ")")
  create_folder(private_library)
  .libPaths(c(private_library, .libPaths()))
  if (!nzchar(system.file(package = "fs"))) {
    folder <- file.path(tempdir(), "fs")
    create_folder(folder)
    file.create(file.path(folder, "NAMESPACE"))
    writeLines(c("Package: fs", "Version: 0.0.1", "Title: Stand-in", "License: GPL (>= 2)",
                 "Description: Empty.", "Author: None", "Maintainer: None <none@example.org>"),
               file.path(folder, "DESCRIPTION"))
    utils::install.packages(folder, private_library, repos = NULL, type = "source", quiet = TRUE)
  }
  install_packages("testthat", private_library)
}

choose_repository <- function() {
  repositories <- getOption("repos")
  if (length(repositories) == 0L || any(repositories %in% c("@CRAN@", ""))) {
    utils::chooseCRANmirror(ind = 1L, local.only = TRUE)
  }
}

available_packages <- function() {
  old <- options(timeout = seconds_to_connect)
  on.exit(options(old))
  tryCatch(suppressWarnings(utils::available.packages()),
           error = function(condition) matrix(character(), 0L, 0L))
}

available_cores <- function() max(1L, parallel::detectCores(), na.rm = TRUE)

# The first library of .libPaths() that can be written, else the user's own,
# which R puts into .libPaths() from the next start on once it exists.
writable_library <- function() {
  for (path in setdiff(.libPaths(), private_library)) {
    if (file.access(path, 2L) == 0L) return(path)
  }
  path <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep, fixed = TRUE)[[1L]][1L]
  if (is.na(path) || path == "NULL" || !create_folder(path)) {
    stop("No library can be written; set R_LIBS_USER to a folder that can.", call. = FALSE)
  }
  .libPaths(c(path, .libPaths()))
  normalizePath(path)
}

create_folder <- function(path) {
  dir.create(path, recursive = TRUE, showWarnings = FALSE)
  file.access(path, 2L) == 0L
}

# Words ------------------------------------------------------------------------

# Runs a command, its words into the log; the groups of lines that match `pattern` are told.
# Returns its status.
run_logged <- function(command, pattern) {
  dir.create(dirname(log_file), showWarnings = FALSE)
  log <- file(log_file, "a")
  output <- pipe(paste(paste(shQuote(command), collapse = " "), "2>&1 <", nullfile()), "r")
  on.exit(close(log))
  while (length(line <- readLines(output, 1L, warn = FALSE)) > 0L) {
    writeLines(line, log, useBytes = TRUE)
    if (grepl(pattern, line, perl = TRUE, useBytes = TRUE)) {
      say("  ", trimws(sub(pattern, "\\1 \\2", line, perl = TRUE, useBytes = TRUE)))
    }
  }
  status <- close(output)
  if (is.null(status)) 0L else as.integer(status)
}

say <- function(...) cat(..., "\n", sep = "")

label <- function(packages) {
  minimum <- ifelse(packages$minimum == "0", "", paste0(" (>= ", packages$minimum, ")"))
  paste0(packages$name, minimum, collapse = ", ")
}

report <- function(missing) {
  optional <- missing[!missing$required, ]
  required <- missing[missing$required, ]
  if (nrow(optional) > 0L) say("Not available, and not required: ", label(optional))
  if (nrow(required) > 0L) {
    stop("Required packages are missing, and neither Debian nor CRAN provided them: ",
         label(required), ".", call. = FALSE)
  }
}

if (sys.nframe() == 0L) install_dependencies(commandArgs(trailingOnly = TRUE))
