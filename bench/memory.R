# Peak memory of one fit beyond its data, in megabytes, in a process of its own:
#
#   Rscript bench/memory.R WORKLOAD FITTER
#
# Linux only: /proc tells the peak (VmHWM), and forgets it when asked to. The variable has malloc give
# back what is freed, else what made the data would count as theirs.

megabytes_beyond_data <- function(workload_name, fitter) {
  if (!file.exists("/proc/self/clear_refs")) return(NA_real_)
  arguments <- shQuote(c(file.path(bench_folder, "memory.R"), workload_name, fitter))
  printed <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), arguments, stdout = TRUE, stderr = FALSE,
                                      env = "MALLOC_MMAP_THRESHOLD_=131072"))
  as.numeric(utils::tail(printed, 1))
}

measure_here <- function(workload_name, fitter) {
  adapter <- read_adapters(file.path(bench_folder, "peers"))[[fitter]]
  adapter$available()
  workload <- make_workload(workload_name)
  gc()
  writeLines("5", "/proc/self/clear_refs")
  before <- process_megabytes("VmRSS")
  fit <- adapter$fit(workload)
  cat(process_megabytes("VmHWM") - before, "\n")
}

process_megabytes <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

if (sys.nframe() == 0) {
  bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
  for (file in c("requirements.R", "workloads.R", "peers.R")) source(file.path(bench_folder, file))
  do.call(measure_here, as.list(commandArgs(trailingOnly = TRUE)))
}
