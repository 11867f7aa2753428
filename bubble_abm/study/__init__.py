"""From a question to a table: experiments, batches, data sets, sensitivity analysis, scenario discovery."""
